// Pictures of every view, light and dark, narrow and wide: `node shots.mjs FOLDER`.
import { mkdir } from "node:fs/promises";
import { SCENARIOS, WIDTHS, open, startBrowser, startStack, views } from "./stack.mjs";

const folder = process.argv[2] ?? "shots";
const [stack, browser] = await Promise.all([startStack(), startBrowser()]);
await stack.play(...SCENARIOS);
await stack.quarantine();
await mkdir(folder, { recursive: true });
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
await browser.close();
await stack.stop();
