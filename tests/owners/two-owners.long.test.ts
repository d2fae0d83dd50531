import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, hasChromium, noChromium, openBrowser } from "../dashboard/open-browser.ts";
import { hasTmux, TmuxScreen } from "../terminal/tmux.ts";
import { OwnersHouse } from "./owners-house.ts";

/** Whoever begins a build, page and terminal both see and steer it. */
let browser: Browser;
let page: Page;
let house: OwnersHouse;
const screens: TmuxScreen[] = [];
const isReady = hasChromium && hasTmux;

beforeAll(async () => {
  if (isReady) browser = await openBrowser();
});
afterAll(async () => browser?.close());
afterEach(async () => {
  for (const screen of screens.splice(0)) screen.close();
  await page?.context().close();
  await house?.close();
});

async function open(kind: "private" | "shared"): Promise<void> {
  house = await OwnersHouse.open(kind, 25);
  page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(house.service.url);
}

function terminal(args: readonly string[]): TmuxScreen {
  const screen = new TmuxScreen({ args, columns: 160, rows: 40, environment: house.environment });
  screens.push(screen);
  return screen;
}

/** One in which nobody has set REDIS_URL: the output folder says where the queue is. */
function plainTerminal(verb: string, ...more: readonly string[]): TmuxScreen {
  const { REDIS_URL: _, ...environment } = house.environment;
  const screen = new TmuxScreen({ args: house.args(verb, ...more), columns: 160, rows: 40, environment });
  screens.push(screen);
  return screen;
}

const cell = (label: string, ...states: readonly string[]) =>
  page.locator(states.map((state) => `.part-grid [data-label="${label}"][data-state="${state}"]`).join(", "));
const button = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });

/** Elapsed time of the screen, which a build that has just begun counts in seconds. */
const begunJustNow = /openvid-1m {2}building from \S+, \d{1,2} s$/m;

async function beginOnPage(): Promise<void> {
  await page.getByText("No build yet").waitFor();
  await page.getByLabel("Dataset").selectOption("openvid-1m");
  await page.getByLabel("Parts").fill("0");
  await page.getByLabel("Settings").fill("samplesPerShard=3");
  await button("See what would run").click();
  await page.locator("dialog tbody tr", { hasText: "p0000" }).waitFor();
  await button("Start").click();
}

describe.skipIf(!isReady)(isReady ? `page and terminal (${chromiumPath})` : noChromium, () => {
  it.each(["private", "shared"] as const)("a build that the page began, with a %s Redis", async (kind) => {
    await open(kind);
    await beginOnPage();
    await cell("p0000", "queued", "running").waitFor();
    // The service owns it by now, and its folder says where the queue is.
    await button("Pause").waitFor();
    const watch = plainTerminal("status", "--watch");
    await watch.shows(begunJustNow);
    await plainTerminal("pause").shows(/is paused[\s\S]*ENDED WITH 0/);
    await watch.shows(/openvid-1m {2}paused/);
    await button("Resume").waitFor();
    const retry = plainTerminal("retry", "--parts", "1");
    await retry.shows(/handed to process \d+ on /);
    await cell("p0001", "queued").waitFor();
    await plainTerminal("resume").shows(/carries on[\s\S]*ENDED WITH 0/);
    await button("Pause").waitFor();
    await watch.shows(/openvid-1m {2}building[\s\S]*parts \d\/2/);
    await plainTerminal("cancel").shows(/is cancelled[\s\S]*ENDED WITH 0/);
    await retry.shows(/the build is cancelled[\s\S]*ENDED WITH 1/);
    await watch.shows(/members = [\s\S]*ENDED WITH 0/);
    await button("Pause").waitFor({ state: "detached" });
    // Nobody owns it any more: the terminal makes the rest by itself, and the page shows that.
    const rest = terminal(house.args("retry", "--missing", "--workers", "1"));
    await button("Pause").waitFor();
    await rest.shows(/check it: [\s\S]*ENDED WITH 0/, 120_000);
    await cell("p0000", "done").waitFor();
    await cell("p0001", "done").waitFor();
  });

  it.each(["private", "shared"] as const)("a build that a terminal began, with a %s Redis", async (kind) => {
    await open(kind);
    const build = terminal(house.buildArgs());
    await build.shows(begunJustNow);
    await page.goto(`${house.service.url}/#/builds/openvid-1m`);
    await cell("p0000", "queued", "running").waitFor();
    const watch = plainTerminal("status", "--watch");
    await watch.shows(begunJustNow);
    await button("Pause").click();
    await build.shows(/openvid-1m {2}paused/);
    await watch.shows(/openvid-1m {2}paused/);
    await button(/^Build the rest of the dataset/).click();
    await page.locator("dialog tbody tr", { hasText: "p0001" }).waitFor();
    await button("Start").click();
    await cell("p0001", "queued").waitFor();
    await button("Resume").click();
    await build.shows(/openvid-1m {2}building[\s\S]*parts \d\/2/);
    await button("Cancel").click();
    await button("Cancel the build").click();
    await build.shows(/the build is cancelled[\s\S]*ENDED WITH 1/);
    await watch.shows(/members = [\s\S]*ENDED WITH 0/);
    // The command has ended, and its private Redis with it: the service makes the rest.
    await button(/^Build what is missing/).click();
    await button("Start").click();
    await cell("p0000", "done").waitFor({ timeout: 120_000 });
    await cell("p0001", "done").waitFor({ timeout: 120_000 });
    expect((await house.run("status")).stdout).toMatch(/p0000 +done[\s\S]*p0001 +done/);
  });
});
