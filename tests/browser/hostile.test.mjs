// What strangers write is text: it becomes no element, steers nothing and breaks no layout.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WIDTHS, open, sample, startBrowser, startStack } from "./stack.mjs";

const HOSTILE = {
  element: "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>",
  attribute: "\" onfocus=alert(1) autofocus x='",
  override: "abc\u202e\u2066cba\u2069",
  long: "x".repeat(100_000),
  nul: "a\u0000b\u001b[31m",
  formula: "=HYPERLINK(\"http://example.com\")",
};

let stack;
let browser;
const stored = {};

/// The value with each text in it, but those that say what it is, made hostile.
function spoilt(value, text, name = "") {
  const kept = ["id", "uuid", "streamId", "callId", "type", "message", "state", "direction", "created_on", "createdAt", "thread", "parent"];
  if (kept.includes(name)) return value;
  if (typeof value === "string") return text;
  if (Array.isArray(value)) return value.map((one) => spoilt(one, text));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, text, name)]));
  }
  return value;
}

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  for (const [kind, text] of Object.entries(HOSTILE)) {
    // A delivery has at most 256 kB.
    const short = text.slice(0, 6000);
    const call = spoilt(await sample("opentact-call_state-in-hangup-answered"), short);
    const answer = await stack.deliver("opentact/call", { ...call, uuid: kind, call: { ...call.call, uuid: `call-${kind}` } });
    const dialog = await sample("onsip-call.dialog.created");
    const payload = { ...dialog.payload, callId: `c-${kind}`, fromUri: `sip:${text}@example.com`, toUri: text };
    const onsip = await stack.deliver("onsip/call", { ...dialog, id: `o-${kind}`, payload });
    const strange = await stack.deliver("opentact/call", `{"${kind}": ${JSON.stringify(text)}`);
    stored[kind] = [answer, onsip, strange];
  }
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

for (const width of WIDTHS) {
  test(`hostile text stays text, ${width} px wide`, async () => {
    const { page, close } = await open(browser, stack, { width });
    const of = encodeURIComponent;
    const events = Object.values(stored).flat().filter(({ status }) => status === "stored").map(({ id }) => id);
    assert.ok(events.length >= 8, JSON.stringify(stored).slice(0, 2000));
    const calls = events.map((id) => id.split("~")[0]);
    const entities = Object.values(HOSTILE).map((text) => `console/entity?entity=${of(`sip_user:${text.slice(0, 500)}@example.com`)}`);
    const searches = Object.values(HOSTILE).map((text) => `console/search?q=${of(text.slice(0, 2000))}`);
    const addresses = ["console", "console/calls", "console/events", "console/quarantine", ...entities, ...searches,
      ...events.map((id) => `console/events/${of(id)}`), ...calls.map((id) => `console/calls/${of(id)}`),
      `console/calls?own=${of(HOSTILE.element)}`, `console/calls?${of(HOSTILE.attribute)}=${of(HOSTILE.element)}`];
    for (const address of addresses) {
      await page.goto(address);
      const short = address.slice(0, 120);
      assert.ok(!(await page.title()).includes("stolen"), short);
      assert.equal(await page.locator("main img, main script, [onerror], [onfocus], [autofocus]:not([name=token])").count(), 0, short);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${short} is ${wide} px too wide`);
      const text = await page.locator("body").innerText();
      assert.ok(!/[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069]/.test(text), `${short} shows what steers the text`);
    }
    await close();
  });
}
