// What a page gains where scripts run: keys, times of this browser, lists that are followed without a flicker, copying, and an operator's
// retry, which goes to the API. Everything can be read without.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Times: the element's text is UTC; the other zone and how long ago it was stand in its title once a pointer is over it.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const ZONE = local.resolvedOptions().timeZone;
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

// Of today the clock alone, as the server writes it.
function inWords(time) {
  return (time.toDateString() === new Date().toDateString() ? clock : local).format(time);
}

// Where times are UTC, as they come, there is nothing to do.
function showTimes(within = document) {
  const here = inLocalTime();
  if (!here && !$("[data-utc]", within)) return;
  for (const element of $$("time[datetime]", within)) {
    element.dataset.utc ??= element.textContent;
    const text = here ? inWords(new Date(element.dateTime)) : element.dataset.utc;
    if (element.textContent !== text) element.textContent = text;
  }
}

addEventListener("mouseover", ({ target }) => {
  const element = target.closest?.("time[datetime]");
  if (!element) return;
  const time = new Date(element.dateTime);
  element.title = `${ago(time)}, ${inLocalTime() ? time.toISOString() : `${local.format(time)} here`}`;
});

function turnTimes() {
  try { localStorage.setItem("times", inLocalTime() ? "utc" : "local"); } catch { return; }
  showTimes();
  showZone();
}

function showZone() {
  const here = inLocalTime();
  for (const zone of $$("[data-zone]")) zone.textContent = here ? ZONE : "UTC";
  for (const turn of $$("[data-turn]")) turn.textContent = here ? "UTC" : "Local time";
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

async function page(address) {
  const answer = await fetch(address, { cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The rows of a page that are new, of those before the last that is known; what is told otherwise of the others takes their place.
const texts = new Map($$("tr[data-id]").map((row) => [row.dataset.id, row.innerHTML]));
function merge(known, news) {
  const rows = $$("main tr[data-id]", news);
  const last = rows.findLastIndex((row) => known.has(row.dataset.id));
  const fresh = [];
  for (const other of rows.slice(0, last < 0 ? rows.length : last + 1)) {
    const [own, text] = [known.get(other.dataset.id), other.innerHTML];
    if (!own) fresh.push(document.importNode(other, true));
    else if (own.isConnected && texts.get(other.dataset.id) !== text) own.replaceWith(document.importNode(other, true));
    texts.set(other.dataset.id, text);
  }
  return [fresh, last >= 0];
}

// So many rows a list that is followed has at most, and so many pages are read until one is known.
const MOST = 300;
const PAGES = 4;

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
    button = Object.assign(document.createElement("button"), { className: "new" });
    button.addEventListener("click", () => { place(body); scrollTo({ top: 0 }); });
    body.closest("table").before(button);
  }
  button.textContent = `${waiting.length} new`;
}

function isReading() {
  return scrollY > 150 || !getSelection().isCollapsed || $("table.rows :focus");
}

async function follow(news) {
  const body = $("table.rows tbody", main);
  if (!body) return replace(news);
  const known = new Map([...$$("tr[data-id]", body), ...waiting].map((row) => [row.dataset.id, row]));
  const fresh = [];
  for (let read = 1; ; read += 1) {
    const [some, met] = merge(known, news);
    fresh.push(...some);
    const next = $("main a[rel=next]", news);
    if (met || !next) break;
    // More came than are read: the list begins anew, and has no gap.
    if (read === PAGES) { body.replaceChildren(); waiting = []; break; }
    news = await page(new URL(next.getAttribute("href"), location.href));
  }
  waiting = [...fresh, ...waiting].slice(0, MOST);
  if (!waiting.length) return;
  if (isReading()) offer(body);
  else place(body);
}

// Part by part: what is the same stays.
function replace(news) {
  const other = $("main", news);
  const parts = [...(other?.children ?? [])];
  const texts = parts.map((part) => part.outerHTML);
  if (!other || texts.join() === sent.join()) return;
  const open = $$("details[open]", main).map((one) => one.id).filter(Boolean);
  document.title = news.title;
  const own = [...main.children];
  const fresh = parts.map((part, nth) => (texts[nth] === sent[nth] && own[nth]) || document.importNode(part, true));
  fresh.forEach((part, nth) => { if (part !== own[nth]) own[nth] ? own[nth].replaceWith(part) : main.append(part); });
  own.slice(fresh.length).forEach((part) => part.remove());
  sent = texts;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  prepare();
  main.dataset.refresh = other.dataset.refresh ?? "";
}

let sent = [...(main?.children ?? [])].map((part) => part.outerHTML);

async function refresh() {
  const seconds = Number(main.dataset.refresh);
  if (!seconds) return;
  if (!document.hidden) {
    try {
      const live = "live" in main.dataset;
      const address = new URL(location.href);
      if (live) address.searchParams.set("limit", "100");
      const news = await page(address);
      if ($(".sign-in input[name=token]", news)) return location.reload();
      main.classList.remove("stale");
      if (live) await follow(news);
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
  const cell = $(`button[data-retry="${CSS.escape(id)}"]`).parentElement;
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
  const text = Object.assign(document.createElement("span"), { role: "status", textContent: said });
  $("[role=status]", cell)?.remove();
  cell.append(text);
  return taken;
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
  else if (pressed && "turn" in pressed.dataset) turnTimes();
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
    const press = Object.assign(document.createElement("button"), { className: "copy", type: "button", textContent: "Copy" });
    press.dataset.copies = "";
    text.after(press);
  }
}

prepare();
showZone();
if (main?.dataset.refresh) setTimeout(refresh, 2000);
