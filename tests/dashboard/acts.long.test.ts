import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../../apps/api/testing/write-output.ts";
import { overflow, seriousFaults } from "./judge-page.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { dashboardDir, delayLine, openPage, tabTo } from "./open-page.ts";

/** What is asked for on the page, in whatever happens meanwhile: no worker is there, so that jobs can be counted in the queue. */
let place: TestPlace;
let url: string;
let build: string;
let browser: Browser;
let page: Page;
let faults: readonly string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [40, 41, 42, 43, 44].map((part) => ({ part, kind: "missing" as const })),
  });
  ({ url, browser, page, faults } = await openPage(place));
  build = `${url}/#/builds/openvid-1m`;
});

afterAll(async () => {
  await browser?.close();
  await place?.close();
});

/** Parts that have a job to come, once for each. */
async function queuedParts(): Promise<string[]> {
  const { build: name } = (await (await fetch(`${url}/api/builds/openvid-1m`)).json()) as { build: string };
  const { waiting, active, delayed, parked } = await place.queue.jobsOf(name);
  return [...waiting, ...active, ...delayed, ...parked].flatMap(({ label }) => label ?? []).sort();
}

const press = async (name: string): Promise<void> => {
  await tabTo(page, page.getByRole("button", { name, exact: true }));
  await page.keyboard.press("Enter");
};

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("by keyboard, on a slow line and a narrow window, a range of parts is asked for once, and one of them is paused, let go on and cancelled", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(build);
    await delayLine(page, 600);
    const found: string[] = [];
    const look = async (): Promise<void> => {
      found.push(...(await seriousFaults(page)));
      expect(await overflow(page)).toMatchObject({ over: 0 });
    };
    await tabTo(page, page.locator('[data-label="p0040"]'));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    for (let n = 0; n < 2; n += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+Space");
    await press("See what would run");
    await page.locator("dialog tbody tr").first().waitFor();
    expect(await page.locator("dialog tbody tr b").allTextContents()).toEqual(["p0041", "p0042", "p0043"]);
    await look();
    const start = page.getByRole("button", { name: "Start", exact: true });
    await tabTo(page, start);
    // Twice, before the first has been answered.
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await queuedParts()).toEqual(["p0041", "p0042", "p0043"]);

    await tabTo(page, page.locator('.part-grid .cell[tabindex="0"]'));
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Part p0042" }).waitFor();
    await press("Pause this part");
    await page.getByRole("button", { name: "Resume this part" }).waitFor();
    await look();
    await press("Resume this part");
    await page.getByRole("button", { name: "Pause this part" }).waitFor();
    expect(await queuedParts()).toEqual(["p0041", "p0042", "p0043"]);
    await press("Cancel this part");
    await page.locator("dialog").waitFor();
    await look();
    await press("Cancel the part");
    await page.getByRole("button", { name: "Build what is missing here" }).waitFor();
    expect(await queuedParts()).toEqual(["p0041", "p0043"]);
    await look();

    await page.goBack();
    const requests = page.locator("#asked-for tbody tr td:nth-child(3)");
    await expect
      .poll(() => requests.allTextContents())
      .toEqual(["cancel: part p0042", "resume: part p0042", "pause: part p0042", "retry: parts 41-43"]);
    expect(await page.locator("#asked-for tbody tr td:nth-child(2)").first().textContent()).toMatch(
      /^page, /,
    );
    await look();
    expect(found).toEqual([]);
    await delayLine(page, 0);
  });

  it("tells of a queue and an output that are away and of a worker that sees another one; nothing that was refused is done later", async () => {
    await page.goto(build);
    const before = await queuedParts();
    const pause = page.locator(".controls").getByRole("button", { name: "Pause", exact: true });
    await pause.waitFor();
    process.kill(place.redis.pid, "SIGSTOP");
    try {
      await pause.click();
      await page.locator(".problem", { hasText: "queue_unreachable" }).first().waitFor();
    } finally {
      process.kill(place.redis.pid, "SIGCONT");
    }
    await place.queue.ping();
    expect(await queuedParts()).toEqual(before);
    process.kill(place.redis.pid, "SIGKILL");
    await expect.poll(() => place.redis.restarts).toBe(1);
    await expect.poll(queuedParts).toEqual(before);
    // Neither paused, nor offered again.
    await pause.waitFor();
    expect(await page.locator('[data-label="p0041"]').getAttribute("data-state")).toBe("queued");

    const records = join(place.root, "openvid-1m");
    await rename(records, `${records}.away`);
    await page.locator(".alarm.output_away").waitFor();
    await rename(`${records}.away`, records);
    await page.locator(".alarm.output_away").waitFor({ state: "detached" });
    expect(await queuedParts()).toEqual(before);

    const { build: name } = (await (await fetch(`${url}/api/builds/openvid-1m`)).json()) as {
      build: string;
    };
    const why = "its --out has no build of openvid-1m";
    await place.queue.beat({
      ...{ worker: "box/7/mill", host: "box", pid: 7, version: "0.1.0", role: "mill", current: [] },
      refuses: [{ build: name, dataset: "openvid-1m", code: "output_differs", why }],
    });
    await page.locator(".alarm.worker_other_output", { hasText: why }).waitFor();
  });

  it("in two tabs and on the page of a second service, what all ask for is at work once, and a cancel of one is seen in the others", async () => {
    const second = await place.open({ dashboardDir });
    const there = `${await second.app.listen({ port: 0, host: "127.0.0.1" })}/#/builds/openvid-1m`;
    const tabs: [Page, string][] = [
      [page, build],
      [await page.context().newPage(), build],
      [await page.context().newPage(), there],
    ];
    for (const [tab, address] of tabs) {
      await tab.goto(`${address}/parts/p0044`);
      await tab.getByRole("button", { name: "Build what is missing here" }).click();
      await tab.locator("dialog tbody tr", { hasText: "p0044" }).waitFor();
    }
    const starts = tabs.map(([tab]) => tab.getByRole("button", { name: "Start", exact: true }));
    await Promise.all(starts.map((start) => start.click()));
    for (const [tab] of tabs) await tab.getByRole("button", { name: "Pause this part" }).waitFor();
    expect(await queuedParts()).toEqual(["p0041", "p0043", "p0044"]);
    for (const [tab, address] of tabs) await tab.goto(address);
    const last = tabs[2]![0];
    await last.getByRole("button", { name: "Cancel", exact: true }).click();
    await last.getByRole("button", { name: "Cancel the build" }).click();
    for (const [tab] of tabs)
      await tab.locator(".controls button", { hasText: "Cancel" }).waitFor({ state: "detached" });
    await expect.poll(queuedParts).toEqual([]);
    for (const [tab] of tabs.slice(1)) await tab.close();
  });

  it("met no error", () => expect(faults).toEqual([]));
});
