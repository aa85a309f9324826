// What is large or comes fast stays fluid: a call of 2,000 events, and a list that 20 events a second come to. Held to are sizes and what is
// touched, which no busy machine changes; how long the browser took is printed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { open, sample, startBrowser, startStack } from "./stack.mjs";

const LEGS = 500;
const STATES = ["init", "ringing", "hangup", "destroyed"];
const RATE = 20;
const SECONDS = 12;
// A page's HTML, compressed, its elements, and those that a refresh adds to a list at that rate: some ten for each of the events.
const BYTES = 100_000;
const ELEMENTS = 6_000;
const ADDED = 300 * 20;
const ROWS = 300;

let stack;
let browser;
let event;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  event = await sample("opentact-call_state-out-ringing-no-answer");
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

/// Delivers an event of a leg that a call tries.
function deliver(call, leg, state, at) {
  const own = { ...event.call, uuid: leg, parent: { ...event.call.parent, uuid: call }, state };
  const told = { ...event, uuid: `${leg}-${state}`, created_on: at.toISOString(), payload: { ...event.payload, state }, call: own };
  return stack.deliver("opentact/call", told);
}

/// What the browser says of its work: notes long tasks and the elements that are added.
async function watched(page) {
  await page.addInitScript(() => {
    window.tasks = [];
    window.added = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((task) => Math.round(task.duration)))).observe({ type: "longtask", buffered: true });
    addEventListener("DOMContentLoaded", () => {
      const elements = (node) => (node.nodeType === 1 ? 1 + node.querySelectorAll("*").length : 0);
      new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]).map(elements);
        window.added.push(added.reduce((sum, number) => sum + number, 0));
      }).observe(document.querySelector("main"), { childList: true, subtree: true });
    });
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
}

/// Prints how long the browser worked.
async function tell(what, page, metrics) {
  const { ScriptDuration, LayoutDuration, RecalcStyleDuration, TaskDuration } = await metrics();
  const ms = (seconds) => `${Math.round(seconds * 1000)} ms`;
  const tasks = await page.evaluate(() => window.tasks);
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  console.log(`# ${what}: ${elements} elements; script ${ms(ScriptDuration)}, style ${ms(RecalcStyleDuration)}, layout ${ms(LayoutDuration)}, in all ${ms(TaskDuration)}; tasks over 50 ms: ${tasks.join(", ") || "none"}`);
  return elements;
}

test("a call of 2,000 events is read page by page and stays small", async () => {
  const begin = Date.now() - LEGS * 1000;
  for (let leg = 0; leg < LEGS; leg += 10) {
    const some = Array.from({ length: 10 }, (_, nth) => leg + nth);
    await Promise.all(some.flatMap((nth) => STATES.map((state, step) => deliver("large", `leg-${nth}`, state, new Date(begin + nth * 1000 + step * 200)))));
  }
  await stack.read("/calls/opentact.call.large", ({ events, leftOut }) => events.length + (leftOut?.events ?? 0) >= LEGS * STATES.length);
  const { page, close } = await open(browser, stack, { width: 1280 });
  const metrics = await watched(page);
  await page.goto("console/calls/opentact.call.large");
  const html = await page.content();
  assert.ok(await tell("a call of 2,000 events", page, metrics) <= ELEMENTS);
  assert.ok(gzipSync(html).length <= BYTES, `${gzipSync(html).length} bytes`);
  // All of its events are a click away, each once.
  const seen = new Set();
  for (;;) {
    for (const id of await page.locator("table.events tr[id]").evaluateAll((rows) => rows.map((row) => row.id))) {
      assert.ok(!seen.has(id), `${id} stands twice`);
      seen.add(id);
    }
    const next = page.locator("#further a[rel=next]");
    if (!(await next.count())) break;
    await Promise.all([page.waitForEvent("load"), next.click()]);
  }
  assert.equal(seen.size, LEGS * STATES.length);
  // An event of a later page is opened where it stands.
  const last = [...seen].at(-1).slice(2);
  await page.goto(`console/calls/opentact.call.large?event=${encodeURIComponent(last)}`);
  assert.equal(await page.locator(`[id="e-${last}"].open`).count(), 1);
  await page.goto("console/calls/opentact.call.large?legs=all");
  assert.equal(await page.locator("table.legs tbody tr").count(), LEGS);
  await close();
});

test(`a list to which ${RATE} events a second come is followed without a gap and touches what is new`, async () => {
  const { page, close } = await open(browser, stack, { width: 1280 });
  const metrics = await watched(page);
  await page.goto("console/events?live=on");
  const sent = [];
  const begin = Date.now();
  for (let nth = 0; nth < RATE * SECONDS; nth += 1) {
    const wait = begin + (nth * 1000) / RATE - Date.now();
    if (wait > 0) await new Promise((wake) => setTimeout(wake, wait));
    sent.push(deliver(`fast-${nth}`, `fast-${nth}-leg`, "init", new Date()));
  }
  const ids = (await Promise.all(sent)).map(({ id }) => id);
  await page.waitForFunction((ids) => ids.every((id) => document.querySelector(`tr[data-id="${id}"]`)), ids);
  const rows = await page.locator("table.rows tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.id));
  assert.equal(new Set(rows).size, rows.length, "no row stands twice");
  assert.ok(rows.length <= ROWS, `${rows.length} rows`);
  const added = await page.evaluate(() => window.added);
  console.log(`# elements added by each refresh: ${added.join(", ")}`);
  assert.ok(added.every((number) => number <= ADDED), `${added}`);
  await tell(`${RATE} events a second for ${SECONDS} s`, page, metrics);
  await close();
});
