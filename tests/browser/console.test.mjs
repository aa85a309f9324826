// The console in a browser: signing in, every view, filters, deep links, what is live, files, an operator's retry; and all of it without
// script where that is promised.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SCENARIOS, TOKENS, entityOf, open, signIn, startBrowser, startStack, views } from "./stack.mjs";

let stack;
let browser;
let all;
let entity;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  await stack.play(...SCENARIOS);
  await stack.quarantine();
  all = await views(stack);
  entity = entityOf((await stack.read("/calls")).items[0]);
});

after(async () => {
  await browser?.close();
  await stack?.stop();
});

const path = (page) => page.url().slice(stack.url.length + 1);

for (const scripted of [true, false]) {
  describe(scripted ? "with script" : "without script", () => {
    test("a link is kept through signing in, and a wrong token looks like a missing one", async () => {
      const { page, close } = await open(browser, stack, { signedIn: false, scripted });
      const link = all["a failed call"];
      await signIn(page, "wrong", link);
      assert.ok(await page.isVisible("input[name=token]"));
      assert.equal((await page.context().cookies()).length, 0);
      await page.fill("input[name=token]", TOKENS.read);
      await Promise.all([page.waitForEvent("load"), page.click("form button")]);
      assert.equal(path(page), link);
      const [cookie] = await page.context().cookies();
      assert.ok(cookie.httpOnly && cookie.sameSite === "Lax" && cookie.path === "/console", JSON.stringify(cookie));
      await Promise.all([page.waitForEvent("load"), page.click("form.out button")]);
      assert.ok(await page.isVisible("input[name=token]"));
      await close();
    });

    test("every view has its heading, its landmarks and nothing that goes wrong", async () => {
      const { page, close } = await open(browser, stack, { scripted });
      for (const [name, address] of Object.entries(all)) {
        await page.goto(address);
        assert.equal(await page.locator("h1").count(), 1, name);
        for (const landmark of ["header", "nav", "main", "[role=search]"]) {
          assert.ok(await page.locator(landmark).count(), `${name} has no ${landmark}`);
        }
        assert.ok((await page.locator("main").innerText()).length > 40, name);
      }
      await close();
    });

    test("a filter of the form is a chip and a part of the address, and Back undoes it", async () => {
      const { page, close } = await open(browser, stack, { scripted });
      await page.goto("console/calls");
      const rows = page.locator("table.rows tbody tr");
      const before = await rows.count();
      await page.click("details.filters summary");
      await page.selectOption("select[name=class]", "insufficient_balance");
      await Promise.all([page.waitForEvent("load"), page.click("details.filters button.primary")]);
      assert.match(path(page), /[?&]class=insufficient_balance\b/);
      assert.equal(await rows.count(), 1);
      assert.equal(await page.locator("ul.chips li").count(), 1);
      const address = page.url();
      await page.goBack();
      assert.equal(await rows.count(), before);
      await page.goto(address);
      assert.equal(await rows.count(), 1);
      await Promise.all([page.waitForEvent("load"), page.click("ul.chips a.off")]);
      assert.equal(await rows.count(), before);
      await close();
    });

    test("a call leads to its events, and an event to its delivery byte for byte", async () => {
      const { page, close } = await open(browser, stack, { scripted });
      await page.goto(all["a failed call"]);
      assert.ok(await page.locator("main svg").count());
      assert.match(await page.locator("main").innerText(), /insufficient (account )?balance/i);
      await page.goto(all["an event"]);
      const link = page.locator("main a[href*='/body']").first();
      const answer = await page.request.get(new URL(await link.getAttribute("href"), page.url()).href);
      assert.equal(answer.headers()["content-security-policy"], "sandbox");
      assert.ok((await answer.json()).uuid);
      await close();
    });

    test("a file has the rows that the list shows", async () => {
      const { page, close } = await open(browser, stack, { scripted });
      await page.goto(`console/calls?entity=${encodeURIComponent(entity)}`);
      const rows = await page.locator("table.rows tbody tr").count();
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
      assert.match(download.suggestedFilename(), /\.csv$/);
      const link = await page.locator("a[download]").getAttribute("href");
      const text = await (await page.request.get(new URL(link, page.url()).href)).text();
      assert.equal(text.trim().split("\r\n").length, rows + 1);
      await close();
    });

    test("what is searched for leads to it", async () => {
      const { page, close } = await open(browser, stack, { scripted });
      await page.goto("console");
      await page.fill("input[name=q]", entity.split(":")[1]);
      await Promise.all([page.waitForEvent("load"), page.press("input[name=q]", "Enter")]);
      assert.ok(decodeURIComponent(path(page)).includes(entity), path(page));
      await close();
    });
  });
}

test("the overview begins with the incident that is open", async () => {
  const { page, close } = await open(browser, stack);
  await page.goto("console");
  assert.equal(await page.locator("main h2").first().innerText(), "Open incidents");
  const incident = page.locator("ul.incidents a").first();
  assert.match(await incident.innerText(), /balance empty/);
  await Promise.all([page.waitForURL(/console\/alerts\/./), incident.click()]);
  await close();
});

test("a list that is followed shows what comes", async () => {
  const { page, close } = await open(browser, stack);
  await page.goto("console/events?live=on");
  const rows = page.locator("table.rows tbody tr");
  const known = await rows.evaluateAll((rows) => rows.map((row) => row.dataset.id));
  await page.evaluate(() => { window.same = true; });
  await stack.play("sms");
  await page.waitForFunction((known) => document.querySelectorAll("table.rows tbody tr").length > known, known.length);
  const now = await rows.evaluateAll((rows) => rows.map((row) => row.dataset.id));
  assert.equal(new Set(now).size, now.length, "no row stands twice");
  assert.ok(known.every((id) => now.includes(id)));
  assert.ok(await page.evaluate(() => window.same), "the page was not loaded anew");
  await close();
});

test("without script a list that is followed and a call in progress are loaded anew", async () => {
  const { page, close } = await open(browser, stack, { scripted: false });
  await page.goto("console/events?live=on");
  assert.equal(await page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count(), 1);
  await close();
});

test("an operator retries with a token that is asked for each time and kept nowhere", async () => {
  const { page, close } = await open(browser, stack);
  await page.goto("console/quarantine");
  for (const [token, said] of [["wrong", /that token may not do this/], [TOKENS.operator, /stays in quarantine/]]) {
    await page.locator("button[data-retry]").first().click();
    assert.equal(await page.inputValue("dialog input"), "");
    await page.fill("dialog input", token);
    await page.click("dialog button[value=go]");
    await page.waitForFunction((said) => new RegExp(said).test(document.querySelector("main").innerText), said.source);
  }
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes(TOKENS.operator) || !JSON.parse(kept).some((store) => Object.values(store).includes(TOKENS.operator)));
  await close();
});

test("keys lead through rows, to the search and to help", async () => {
  const { page, close } = await open(browser, stack);
  await page.goto("console/calls");
  await page.keyboard.press("j");
  assert.ok(await page.evaluate(() => document.activeElement.matches("a.row")));
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.name), "q");
  await page.keyboard.press("Escape");
  await Promise.all([page.waitForURL(/console\/help/), page.keyboard.press("?")]);
  await close();
});

test("a press shows times in the browser's zone, on every page until the next, also on a phone", async () => {
  const { page, close } = await open(browser, stack, { width: 360, zone: "Asia/Kolkata" });
  await page.goto("console/calls");
  const time = page.locator("main time").first();
  const [utc, zone] = [await time.innerText(), page.locator("[data-zone]")];
  assert.equal(await zone.innerText(), "UTC");
  await page.click("[data-turn]");
  assert.match(await zone.innerText(), /Asia\/(Kolkata|Calcutta)/);
  assert.notEqual(await time.innerText(), utc);
  await page.goto("console/alerts");
  assert.match(await zone.innerText(), /Asia/);
  await page.click("[data-turn]");
  await page.goto("console/calls");
  assert.equal(await time.innerText(), utc);
  await close();
});

test("what can be pressed on a phone is at least 20 px wide and high", async () => {
  const { page, close } = await open(browser, stack, { width: 360 });
  const small = [];
  for (const [name, address] of Object.entries(all)) {
    await page.goto(address);
    // What one reaches by keys alone, and what is a stretch of a drawing, is no target of a finger.
    const found = await page.locator("main a[href], main button, .top a, .top button, .views a").evaluateAll((all) => all
      .filter((one) => one.checkVisibility() && !one.closest("svg"))
      .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 20 || height < 20)
      .map(([html, { width, height }]) => `${html}: ${width} x ${height}`));
    small.push(...found.map((one) => `${name}: ${one}`));
  }
  assert.deepEqual(small, []);
  await close();
});
