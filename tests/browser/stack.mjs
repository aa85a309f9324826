// A local stack that has received something of every kind, and a browser that tells on itself.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const TRUNKLINE = process.env.TRUNKLINE ?? new URL("../../target/debug/trunkline", import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
// What would ask for something elsewhere.
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export const TOKENS = { provider: "t", read: "r", operator: "o" };
export const SCENARIOS = ["call", "failed-call", "menu", "sms", "order", "onsip-call"];
export const WIDTHS = [360, 1280];

/// Starts a stack; it ends with `stop`.
export async function startStack(...options) {
  const tokens = ["--token", TOKENS.provider, "--read-token", TOKENS.read, "--operator-token", TOKENS.operator];
  const process = spawn(TRUNKLINE, ["--listen", "127.0.0.1:0", ...tokens, ...options], { stdio: ["ignore", "pipe", "ignore"] });
  const lines = createInterface({ input: process.stdout });
  for await (const line of lines) {
    const [, url] = line.match(/^ready (http\S+)/) ?? [];
    if (url) {
      lines.resume();
      return new Stack(process, url);
    }
  }
  throw new Error("the stack did not start");
}

class Stack {
  constructor(process, url) {
    this.process = process;
    this.url = url;
  }

  /// Plays a scenario, as a provider would.
  async play(...scenarios) {
    const env = { ...process.env, TRUNKLINE_ONSIP_TOKEN: TOKENS.provider, TRUNKLINE_OPENTACT_TOKEN: TOKENS.provider };
    for (const scenario of scenarios) {
      await promisify(execFile)(TRUNKLINE, ["play", "--url", this.url, scenario], { env });
    }
  }

  /// Delivers; gives what it is answered.
  async deliver(path, body) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`${this.url}/webhooks/${path}?token=${TOKENS.provider}`, { method: "POST", body: text });
    return answer.json();
  }

  /// What the API says, asked until `enough` of it is there.
  async read(path, enough = () => true) {
    for (let asked = 0; asked < 200; asked += 1) {
      const answer = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${TOKENS.read}` } });
      const said = await answer.json();
      if (answer.ok && enough(said)) return said;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    throw new Error(`${path} did not come to what was expected`);
  }

  /// A delivery that can't be read.
  quarantine() {
    return this.deliver("opentact/call", "{\"x\":");
  }

  stop() {
    const ended = new Promise((end) => this.process.once("exit", end));
    this.process.kill();
    return ended;
  }
}

/// A sample of the repository.
export async function sample(name) {
  return JSON.parse(await readFile(new URL(`../../events/${name}.json`, import.meta.url)));
}

/// Whose a call is.
export function entityOf(call) {
  return call.own[0].entity;
}

/// The addresses of all views, of what has been played.
export async function views(stack) {
  const calls = await stack.read("/calls?limit=100", ({ items }) => items.filter((call) => call.endedAt).length >= 4);
  const failed = await stack.read("/events?class=any", ({ items }) => items.length > 0);
  const alerts = await stack.read("/alerts", ({ items }) => items.length > 0);
  const call = calls.items.find((call) => call.menuSteps.length) ?? calls.items[0];
  const event = failed.items[0].id;
  const of = (id) => encodeURIComponent(id);
  const entity = of(entityOf(call));
  return {
    overview: "console",
    calls: "console/calls",
    "calls of a user": `console/calls?entity=${entity}`,
    "calls where nothing matches": "console/calls?minTalk=86400",
    events: "console/events",
    "a menu call": `console/calls/${of(call.id)}`,
    "a failed call": `console/calls/${of(failed.items[0].call)}?event=${of(event)}`,
    "an event": `console/events/${of(event)}`,
    entity: `console/entity?entity=${entity}`,
    failures: "console/failures",
    alerts: "console/alerts",
    "an alert": `console/alerts/${of(alerts.items[0].id)}`,
    menus: "console/menus",
    quarantine: "console/quarantine",
    help: "console/help",
    "what does not exist": "console/calls/onsip.call.nowhere",
    "what can't be asked": "console/calls?minTalk=abc&entity=sip_user:",
    "a search that finds nothing": "console/search?q=9999",
  };
}

/// A browser; each page that it opens is held to the rules of `Watched`.
export async function startBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET });
}

/// A page of a context of its own. What goes wrong in it, and what it asks of anybody else, is found by `close`.
export async function open(browser, stack, { signedIn = true, width = 1280, scripted = true, dark = false, zone } = {}) {
  const context = await browser.newContext({
    baseURL: `${stack.url}/`,
    viewport: { width, height: 900 },
    javaScriptEnabled: scripted,
    timezoneId: zone,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const wrong = [];
  // The browser says of each answer that is an error that it is one.
  const isAnswer = (text) => /^Failed to load resource: the server responded with a status of 4\d\d/.test(text);
  page.on("console", (said) => {
    if (["error", "warning"].includes(said.type()) && !isAnswer(said.text())) wrong.push(said.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") wrong.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(stack.url) && !request.url().startsWith("data:")) wrong.push(`elsewhere: ${request.url()}`);
  });
  if (signedIn) await signIn(page);
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, context, close };
}

/// Gives the token where the form asks for it.
export async function signIn(page, token = TOKENS.read, address = "console") {
  await page.goto(address);
  await page.fill("input[name=token]", token);
  await Promise.all([page.waitForEvent("load"), page.click("form button")]);
}
