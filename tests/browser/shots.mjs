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
  await stack.play("menu");
  const wanted = (call) => call.menuSteps.length && call.endedAt;
  const { items } = await stack.read("/calls?limit=100", ({ items }) => items.length >= 50 && items.some(wanted));
  const { page, close } = await open(browser, stack, { width: 1000 });
  await page.setViewportSize({ width: 1000, height: 640 });
  // What is counted is some seconds behind.
  do {
    await new Promise((wake) => setTimeout(wake, 1000));
    await page.goto("console");
  } while (!(await page.locator("figure.chart").count()));
  await page.screenshot({ path: `${folder}/overview.png` });
  await page.goto(`console/calls/${encodeURIComponent(items.find(wanted).id)}`);
  await page.screenshot({ path: `${folder}/call.png` });
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
