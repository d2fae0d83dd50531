import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { chromiumPath, hasChromium, noChromium, openBrowser } from "./open-browser.ts";
import { delayLine, tabTo } from "./open-page.ts";
import { RealService } from "./real-service.ts";

/** A telephone on a line of 600 ms, by keyboard alone, through a service that is killed and comes back. */
const latencyMs = 600;

let scratch: string;
let service: RealService;
let browser: Browser;
let page: Page;
const faults: string[] = [];
const parts = { answered: 0, broken: 0 };

beforeAll(async () => {
  if (!hasChromium) return;
  scratch = await mkdtemp(join(tmpdir(), "shardmill-slow-"));
  const clips = await makeClips(8);
  const files = await openvidFiles([0, 1].map((part) => ({ part, members: membersOf(part, clips, 40) })));
  await writeFiles(join(scratch, "mirror"), files);
  service = await RealService.start(scratch);
  browser = await openBrowser();
  const context = await browser.newContext({
    viewport: { width: 390, height: 800 },
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("requestfinished", (request) => {
    if (request.url().includes("/parts?")) parts.answered += 1;
  });
  page.on("requestfailed", (request) => {
    if (request.url().includes("/parts?")) parts.broken += 1;
  });
  await delayLine(page, latencyMs);
});

afterAll(async () => {
  await browser?.close();
  await service?.stop("SIGTERM");
  if (scratch !== undefined) await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
});

const cell = (label: string, state: string) =>
  page.locator(`.part-grid [data-label="${label}"][data-state="${state}"]`);

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("starts a build by keyboard", async () => {
    await page.goto(service.url);
    await tabTo(page, page.getByLabel("Dataset"));
    await page.keyboard.type("OpenVid");
    await page.getByText("CC-BY-4.0").first().waitFor();
    await tabTo(page, page.getByLabel("Parts"));
    await page.keyboard.type("0-1");
    await tabTo(page, page.getByLabel("Settings"));
    await page.keyboard.type("samplesPerShard=8");
    await page.keyboard.press("Enter");
    await page.locator("dialog tbody tr", { hasText: "p0001" }).waitFor();
    await tabTo(page, page.getByRole("button", { name: "Start", exact: true }));
    await page.keyboard.press("Enter");
    await page.locator('.part-grid [data-label="p0000"]').waitFor();
    expect(await page.title()).toBe("openvid-1m · Shardmill");
  });

  it("shows what was heard while a killed service is away, and offers nothing before it knows what is at work", async () => {
    await page.locator('[data-label="p0000"]:not([data-state="missing"])').waitFor();
    await page.evaluate(() => {
      const seen = window as unknown as { offered: string[] };
      seen.offered = [];
      new MutationObserver(() => {
        for (const button of document.querySelectorAll(".controls button"))
          if (/Build what is missing/.test(button.textContent ?? ""))
            seen.offered.push(button.textContent ?? "");
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await service.stop("SIGKILL");
    await page.getByText("Reconnecting.").waitFor();
    expect(await page.getByText("the build itself goes on").count()).toBe(0);
    expect(await page.locator(".controls button").count()).toBe(0);
    await service.startAgain();
    await page.getByText("Reconnecting.").waitFor({ state: "hidden" });
    for (const label of ["p0000", "p0001"]) await cell(label, "done").waitFor({ timeout: 120_000 });
    expect(await page.evaluate(() => (window as unknown as { offered: string[] }).offered)).toEqual([]);
    const { total } = (await (await fetch(`${service.url}/api/builds/openvid-1m/shards`)).json()) as {
      total: number;
    };
    expect(total).toBe(10);
  });

  it("has had its answers: none was given up for a newer one", () => {
    // How many there are is the machine's pace; an answer that is given up for every event leaves none and many broken ones.
    expect(parts.answered).toBeGreaterThan(0);
    // Those that were under way when the service was killed.
    expect(parts.broken).toBeLessThanOrEqual(2);
  });

  it("opens a part by keyboard, and goes back to it", async () => {
    await tabTo(page, page.locator('.part-grid [data-label="p0000"]'));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Part p0001" }).waitFor();
    await page.locator(".timeline").waitFor();
    await page.goBack();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-label")))
      .toBe("p0001");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  it("met no error", () => expect(faults).toEqual([]));
});
