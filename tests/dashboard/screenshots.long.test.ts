import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeGallery } from "./gallery.ts";
import { chromiumPath, hasChromium, noChromium, openBrowser } from "./open-browser.ts";
import { RealService } from "./real-service.ts";

/**
 * Every page of a build that really runs, light and dark. Draws docs/images anew with
 * `SHARDMILL_IMAGES=docs/images npx vitest run --config vitest.long.config.ts tests/dashboard/screenshots.long.test.ts`.
 */
const images =
  process.env.SHARDMILL_IMAGES ??
  join(fileURLToPath(new URL("../../", import.meta.url)), "node_modules/.cache/images");
const base = "/api/builds/openvid-1m";

let scratch: string;
let service: RealService;
let browser: Browser;

beforeAll(async () => {
  if (!hasChromium) return;
  scratch = await mkdtemp(join(tmpdir(), "shardmill-pictures-"));
  await makeGallery(join(scratch, "mirror"));
  service = await RealService.start(scratch, { more: ["--workers", "2", "--min-free", "1GB"] });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await service?.stop("SIGTERM");
  if (scratch !== undefined) await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
});

async function enqueue(parts: string): Promise<void> {
  const answer = await fetch(`${service.url}/api/builds`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dataset: "openvid-1m", parts, settings: ["samplesPerShard=10"] }),
  });
  expect(answer.status, await answer.clone().text()).toBe(202);
}

interface Detail {
  readonly states: Readonly<Record<string, number>>;
  readonly meter: { readonly eta: unknown };
  readonly active: boolean;
}

async function detail(): Promise<Detail> {
  return (await (await fetch(`${service.url}${base}`)).json()) as Detail;
}

async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(images, { recursive: true });
  await page.screenshot({ path: join(images, `${name}.png`), animations: "disabled" });
}

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("draws every page, light and dark", async () => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      colorScheme: "light",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const faults: string[] = [];
    page.on("console", (message) => (message.type() === "error" ? faults.push(message.text()) : undefined));
    page.on("pageerror", (error) => faults.push(error.message));
    await enqueue("0-95");
    await page.goto(`${service.url}/#/builds/openvid-1m`);
    // In the middle: some parts are done, and there is a guess of when the rest will be.
    const isInTheMiddle = async (): Promise<boolean> => {
      const { states, meter, active } = await detail();
      if (!active) throw new Error("the build ended before its picture was taken");
      return (states.done ?? 0) >= 24 && states.failed === 1 && meter.eta !== null;
    };
    await expect.poll(isInTheMiddle, { timeout: 150_000, interval: 500 }).toBe(true);
    await page.locator(".cell.running").first().waitFor();
    // What cannot be planned is seen at once, not when the whole build has ended.
    await page.locator('.part-grid [data-label="p0023"][data-state="failed"]').waitFor();
    await page.locator(".workers .member").first().waitFor();
    await shoot(page, "build");
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot(page, "build-dark");
    await page.evaluate(() => document.querySelector("#failures")?.scrollIntoView({ block: "start" }));
    await page.evaluate(() => window.scrollBy(0, -70));
    await shoot(page, "workers-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await shoot(page, "workers");
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.locator('[data-label="p0023"]').hover();
    await page.locator(".part-card", { hasText: "p0023" }).waitFor();
    await shoot(page, "build-card");
    await page.locator("#failures summary").first().click();
    await page.locator("#failures tbody tr").first().waitFor();
    await page.evaluate(() => document.querySelector("#failures")?.scrollIntoView({ block: "start" }));
    await page.evaluate(() => window.scrollBy(0, -70));
    await shoot(page, "failures");
    await page.locator("#failures details[open] button", { hasText: "Retry these" }).click();
    await page.locator("dialog tbody tr").first().waitFor();
    await shoot(page, "retry");
    await page.getByRole("button", { name: "Not now" }).click();
    await page.goto(`${service.url}/#/builds/openvid-1m/parts/p0002`);
    await page.locator(".timeline").waitFor();
    await shoot(page, "part");
    await page.goto(`${service.url}/#/builds/openvid-1m/samples/openvid-1m-p0001-0000`);
    await page.locator(".sample-tile img").nth(9).waitFor();
    await shoot(page, "samples");
    await page.locator(".sample-tile").nth(3).click();
    await page.locator(".strip img").nth(5).waitFor();
    await shoot(page, "sample");
    await page.emulateMedia({ colorScheme: "dark" });
    await shoot(page, "sample-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(service.url);
    await page.getByText("of 186 parts done").waitFor();
    await shoot(page, "overview");
    expect(faults).toEqual([]);
  });
});
