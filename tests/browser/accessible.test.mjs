// Each view, light and dark, narrow and wide: axe finds nothing serious, and nothing is wider than the screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import axe from "axe-core";
import { SCENARIOS, WIDTHS, open, startBrowser, startStack, views } from "./stack.mjs";

let stack;
let browser;
let all;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  await stack.play(...SCENARIOS);
  await stack.quarantine();
  all = { ...(await views(stack)) };
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

async function examine(page, name) {
  // By the browser's own protocol: the page's policy lets no script in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const told = serious.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" ")}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return wide > 0 ? [...told, `${name}: ${wide} px too wide`] : told;
}

for (const dark of [false, true]) {
  for (const width of WIDTHS) {
    test(`every view is accessible, ${dark ? "dark" : "light"}, ${width} px wide`, async () => {
      const { page, close } = await open(browser, stack, { width, dark });
      const found = [];
      for (const [name, address] of Object.entries(all)) {
        await page.goto(address);
        found.push(...(await examine(page, name)));
      }
      await page.context().clearCookies();
      await page.goto("console");
      found.push(...(await examine(page, "sign-in")));
      assert.deepEqual(found, []);
      await close();
    });
  }
}
