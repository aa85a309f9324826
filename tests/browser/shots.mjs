// Pictures of every view, light and dark, narrow and wide: `node shots.mjs FOLDER`. Those of README, of the demo's day:
// `node shots.mjs --readme FOLDER`.
import { mkdir } from "node:fs/promises";
import { SCENARIOS, WIDTHS, open, startBrowser, startStack, views } from "./stack.mjs";

const readme = process.argv[2] === "--readme";
const folder = process.argv[readme ? 3 : 2] ?? "shots";
const [stack, browser] = await Promise.all([startStack(...(readme ? ["--demo"] : [])), startBrowser()]);
await mkdir(folder, { recursive: true });
await (readme ? ofReadme() : ofAll());
await browser.close();
await stack.stop();

async function ofReadme() {
  // A call whose first carrier had no line, and that another took.
  const retried = (call) => call.attempts > 1 && call.outcome === "answered" && call.endedAt;
  const { items } = await stack.read("/calls?limit=100", ({ items }) => items.some(retried));
  await stack.read("/stats", ({ items }) => items[0]?.calls >= 20);
  const { page, close } = await open(browser, stack, { width: 1000 });
  for (const [name, address] of [["overview", "console"], ["call", `console/calls/${encodeURIComponent(items.find(retried).id)}`]]) {
    await page.setViewportSize({ width: 1000, height: 700 });
    await page.goto(address);
    await page.screenshot({ path: `${folder}/${name}.png` });
  }
  await close();
}

async function ofAll() {
  await stack.play(...SCENARIOS);
  await stack.quarantine();
  const all = await views(stack);
  for (const dark of [false, true]) {
    for (const width of WIDTHS) {
      const { page, close } = await open(browser, stack, { width, dark });
      for (const [name, address] of Object.entries(all)) {
        await page.goto(address);
        const file = `${name.replaceAll(/\W+/g, "-")}-${dark ? "dark" : "light"}-${width}.png`;
        await page.screenshot({ path: `${folder}/${file}`, fullPage: true });
      }
      await close();
    }
  }
}
