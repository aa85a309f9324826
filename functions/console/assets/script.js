// What a page gains where scripts run: keys, times of this browser, lists that are followed without a flicker, copying, and an operator's
// retry, which goes to the API. Everything can be read without.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Times: the element's text is UTC; the other zone and how long ago it was stand in its title.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(time) {
  const seconds = (time - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) || UNITS[3];
  return relative.format(Math.round(seconds / length), unit);
}

function inLocalTime() {
  try { return localStorage.getItem("times") === "local"; } catch { return false; }
}

function showTimes(within = document) {
  const here = inLocalTime();
  for (const element of $$("time[datetime]", within)) {
    const time = new Date(element.dateTime);
    element.dataset.utc ??= element.textContent;
    const text = here ? local.format(time) : element.dataset.utc;
    if (element.textContent !== text) element.textContent = text;
    const other = here ? time.toISOString() : `${local.format(time)} here`;
    element.title = `${ago(time)}, ${other}`;
  }
}

function turnTimes() {
  try { localStorage.setItem("times", inLocalTime() ? "utc" : "local"); } catch { return; }
  showTimes();
}

// Keys.
let row = -1;

function goToRow(step) {
  const rows = $$("table.rows tbody tr:has(a.row)");
  if (!rows.length) return;
  row = Math.min(Math.max(row + step, 0), rows.length - 1);
  const link = $("a.row", rows[row]);
  link.focus({ preventScroll: true });
  rows[row].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  "/": () => $("input[name=q]")?.focus(),
  "?": () => $("a[data-help]")?.click(),
  j: () => goToRow(1),
  k: () => goToRow(-1),
  l: () => $("a.live")?.click(),
  t: turnTimes,
};

addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && typing && !typing.closest("dialog")) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

// What is shown anew: the same address is asked for again, and what is new of it is put in place.
const main = $("main");
let waiting = [];
let button;

async function page() {
  const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function merge(body, news) {
  const known = new Map($$("tr[data-id]", body).map((row) => [row.dataset.id, row]));
  const fresh = [];
  for (const other of $$("tr[data-id]", news)) {
    const own = known.get(other.dataset.id);
    if (!own) fresh.push(document.importNode(other, true));
    else if (written(own) !== written(other)) own.replaceWith(document.importNode(other, true));
  }
  return fresh;
}

// A row's text as it was sent: what this script makes of times does not count.
function written(row) {
  return $$("td", row).map((cell) => {
    const time = $("time[data-utc]", cell);
    return time ? cell.textContent.replace(time.textContent, time.dataset.utc) : cell.textContent;
  }).join("\n");
}

const MOST = 500;

function place(body) {
  for (const fresh of waiting) fresh.classList.add("fresh");
  body.prepend(...waiting);
  waiting = [];
  $$("tr[data-id]", body).slice(MOST).forEach((old) => old.remove());
  button?.remove();
  button = undefined;
  showTimes(body);
}

function offer(body) {
  if (!button) {
    button = document.createElement("button");
    button.className = "new";
    button.addEventListener("click", () => { place(body); scrollTo({ top: 0 }); });
    body.closest("table").before(button);
  }
  button.textContent = `${waiting.length} new`;
}

function isReading() {
  return scrollY > 150 || !getSelection().isCollapsed || $("table.rows :focus");
}

function follow(news) {
  const [body, other] = [$("table.rows tbody", main), $("main table.rows tbody", news)];
  if (!body || !other) return other ? replace(news) : undefined;
  const held = new Set(waiting.map((row) => row.dataset.id));
  waiting = [...merge(body, other).filter((row) => !held.has(row.dataset.id)), ...waiting];
  if (!waiting.length) return;
  if (isReading()) offer(body);
  else place(body);
}

function replace(news) {
  const other = $("main", news);
  if (!other || other.innerHTML === sent) return;
  const open = $$("details[open]", main).map((one) => one.id).filter(Boolean);
  sent = other.innerHTML;
  document.title = news.title;
  main.replaceChildren(...document.importNode(other, true).childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  prepare();
  main.dataset.refresh = other.dataset.refresh ?? "";
}

let sent = main?.innerHTML;

async function refresh() {
  const seconds = Number(main.dataset.refresh);
  if (!seconds) return;
  if (!document.hidden) {
    try {
      const news = await page();
      if ($("form input[name=token]", news)) return location.reload();
      main.classList.remove("stale");
      if ("live" in main.dataset) follow(news);
      else if (getSelection().isCollapsed) replace(news);
    } catch {
      main.classList.add("stale");
    }
  }
  setTimeout(refresh, (seconds / 2) * 1000);
}

// An operator's retry. The token goes to the API with each request, and is kept nowhere.
function ask(ids) {
  const dialog = $("dialog#operator");
  const input = $("input", dialog);
  $("[data-count]", dialog).textContent = ids.length === 1 ? "1 delivery" : `${ids.length} deliveries`;
  dialog.addEventListener("close", async () => {
    const token = input.value;
    input.value = "";
    if (dialog.returnValue !== "go") return;
    for (const id of ids) {
      // What one is refused, all are.
      if (!(await retry(id, token, dialog.dataset.api))) break;
    }
  }, { once: true });
  dialog.returnValue = "";
  dialog.showModal();
  input.focus();
}

async function retry(id, token, api) {
  const cell = $(`button[data-retry="${CSS.escape(id)}"]`)?.parentElement;
  let said;
  let taken = false;
  try {
    // A header holds these alone.
    const headers = { authorization: `Bearer ${/^[\x21-\x7e]+$/.test(token) ? token : "none"}` };
    const answer = await fetch(`${api}quarantine/${encodeURIComponent(id)}/retry`, { method: "POST", headers });
    const told = await answer.json();
    taken = ![401, 403].includes(answer.status);
    said = answer.ok ? told.status : taken ? told.detail : "that token may not do this";
  } catch {
    said = "no answer; try again";
  }
  if (cell) tell(cell, said);
  return taken;
}

function tell(cell, said) {
  const text = document.createElement("span");
  text.setAttribute("role", "status");
  text.textContent = said;
  cell.querySelector("[role=status]")?.remove();
  cell.append(text);
}

// An operator's mute, or its end: the same.
async function mute(form) {
  const { token, minutes, ...fields } = Object.fromEntries(new FormData(form));
  const told = $("[role=status]", form);
  const given = Object.entries(fields).filter(([, value]) => value);
  const until = Number(minutes) ? new Date(Date.now() + minutes * 60000).toISOString() : "now";
  $("input[name=token]", form).value = "";
  try {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ ...Object.fromEntries(given), until });
    const answer = await fetch(form.dataset.mute, { method: "POST", headers, body });
    if (answer.ok) return location.reload();
    told.textContent = (await answer.json()).detail;
  } catch {
    told.textContent = "no answer; try again";
  }
}

addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-mute]")) return;
  event.preventDefault();
  mute(event.target);
});

addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (pressed?.dataset.retry) ask([pressed.dataset.retry]);
  else if (pressed && "retryAll" in pressed.dataset) ask($$("button[data-retry]").map((one) => one.dataset.retry));
  else if (pressed && "copies" in pressed.dataset) copy(pressed);
});

async function copy(pressed) {
  try {
    await navigator.clipboard.writeText(pressed.previousElementSibling.textContent);
    pressed.textContent = "Copied";
  } catch {
    pressed.textContent = "Can't copy";
  }
  setTimeout(() => { pressed.textContent = "Copy"; }, 1500);
}

// What only a script can do is hidden without one.
function prepare() {
  showTimes();
  for (const one of $$(".scripted[hidden]")) one.hidden = false;
  for (const text of $$("[data-copy]")) {
    if (text.nextElementSibling?.matches("button.copy")) continue;
    const press = document.createElement("button");
    press.className = "copy";
    press.dataset.copies = "";
    press.type = "button";
    press.textContent = "Copy";
    text.after(press);
  }
}

prepare();
setInterval(showTimes, 30000);
if (main?.dataset.refresh) setTimeout(refresh, 2000);
