import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmillJson } from "../support/shardmill.ts";
import { chromiumPath, hasChromium, noChromium, openBrowser } from "./open-browser.ts";
import { RealService } from "./real-service.ts";

/** The page as a person uses it: the real command, real workers, real clips, in a real browser. */
let scratch: string;
let url: string;
let service: RealService;
let browser: Browser;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  scratch = await mkdtemp(join(tmpdir(), "shardmill-page-"));
  const clips = await makeClips(8);
  const broken = { name: "broken.mp4", bytes: Buffer.from("no video at all, though its name says so") };
  const files = await openvidFiles([
    { part: 0, members: [...membersOf(0, clips, 40), broken] },
    { part: 1, members: membersOf(1, clips, 40) },
  ]);
  await writeFiles(join(scratch, "mirror"), files);
  service = await RealService.start(scratch);
  url = service.url;
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => faults.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await service?.stop("SIGTERM");
  if (scratch !== undefined) await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
});

const cell = (label: string, state?: string) =>
  page.locator(`.part-grid [data-label="${label}"]${state === undefined ? "" : `[data-state="${state}"]`}`);

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("asks for an output of the name that is given", async () => {
    await page.goto(url);
    await page.getByLabel("Dataset").selectOption("openvid-1m");
    await page.getByLabel("Parts").fill("0");
    const name = page.getByLabel("Output", { exact: true });
    const see = page.getByRole("button", { name: "See what would run" });
    await name.fill("the-cauldron");
    await see.click();
    await page.locator("dialog", { hasText: "the name of another dataset" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await name.fill("of-mine");
    await see.click();
    await page.locator("dialog tbody tr", { hasText: "p0000" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  });

  it("shows what would run and starts it", async () => {
    await page.goto(url);
    await page.getByText("No build yet").waitFor();
    await page.getByLabel("Dataset").selectOption("openvid-1m");
    await page.getByText("CC-BY-4.0").waitFor();
    await page.getByLabel("Parts").fill("0-1");
    await page.getByLabel("Settings").fill("samplesPerShard=8");
    await page.getByRole("button", { name: "See what would run" }).click();
    await page.locator("dialog tbody tr", { hasText: "p0001" }).waitFor();
    expect(await page.locator("dialog tbody tr").count()).toBe(2);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await cell("p0000").waitFor();
    expect(await cell("p0185", "absent").count()).toBe(1);
  });

  it("says that it reconnects while the service is away, and the build carries on once it is back", async () => {
    await page.locator('[data-label="p0000"]:not([data-state="missing"])').waitFor();
    await service.stop("SIGKILL");
    await page.getByText("Reconnecting.").waitFor();
    await service.startAgain();
    await page.getByText("Reconnecting.").waitFor({ state: "hidden" });
    await cell("p0000", "done").waitFor({ timeout: 90_000 });
    await cell("p0001", "done").waitFor({ timeout: 90_000 });
  });

  it("tells how long the build was at work, as the command does", async () => {
    await page.locator('.elapsed[data-state="ended"]').waitFor();
    const shown = (await page.locator(".elapsed .value").textContent()) ?? "";
    const { time } = await shardmillJson<{ time: { seconds: number; endedAt: string } }>([
      "status",
      "openvid-1m",
      "--out",
      join(scratch, "out"),
    ]);
    expect(time.endedAt).toMatch(/Z$/);
    expect(shown).toBe(
      time.seconds < 90 ? `${Math.round(time.seconds)} s` : `${Math.round(time.seconds / 60)} min`,
    );
  });

  it("balances the books before the eyes: 81 members = 80 packed + 1 failed", async () => {
    await expect
      .poll(async () => ((await page.locator(".equation").first().textContent()) ?? "").replace(/\s+/g, " "))
      .toMatch(/81 ?members ?= ?80 ?packed ?[+] ?1 ?failed ?[+] ?0 ?skipped/);
    await page.reload();
    await page.getByText("the books balance").waitFor();
  });

  it("moves over the parts by keyboard, tells one on focus and filters by state", async () => {
    await cell("p0000").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".part-card", { hasText: "p0001" }).waitFor();
    await page.getByRole("button", { name: /^absent/ }).click();
    await cell("p0000").waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^absent/ }).click();
    await cell("p0000").waitFor();
  });

  it("opens a cause with its members, and retries it after showing what would run", async () => {
    await page.locator("#failures summary").first().click();
    await page.locator("#failures tbody tr", { hasText: "broken.mp4" }).waitFor();
    await page.getByRole("button", { name: "Retry these" }).click();
    await page.locator("dialog tbody tr", { hasText: "p0000" }).waitFor();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await expect
      .poll(
        async () =>
          (await (await fetch(`${url}/api/builds/openvid-1m/shards?part=p0000`)).text()).includes("-r01"),
        { timeout: 60_000 },
      )
      .toBe(true);
    await cell("p0000", "done").waitFor({ timeout: 60_000 });
  });

  it("goes from a part to a shard to a sample and shows its frames with their times", async () => {
    await cell("p0001").click();
    await page.getByRole("heading", { name: "Part p0001" }).waitFor();
    await page.getByRole("link", { name: "openvid-1m-p0001-0000" }).click();
    await page.locator(".sample-tile").nth(3).click();
    const frame = page.locator(".strip img").first();
    await expect
      .poll(() => frame.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth))
      .toBe(224);
    await page
      .locator(".strip figcaption", { hasText: / s$|\d s/ })
      .first()
      .waitFor();
    await page.getByText("A clip named").first().waitFor();
    const before = await page.locator("h1").textContent();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator("h1").textContent()).not.toBe(before);
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => page.locator("h1").textContent()).toBe(before);
  });

  it("met no error of its own", () => {
    expect(faults).toEqual([]);
  });
});
