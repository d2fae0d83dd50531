import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import type { TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { openBrowser } from "./open-browser.ts";

export const dashboardDir = join(fileURLToPath(new URL("../../", import.meta.url)), "apps/dashboard/dist");

/** The dashboard over a place's records, in a browser; `faults` are the errors that its scripts throw. */
export interface OpenPage {
  readonly url: string;
  readonly browser: Browser;
  readonly page: Page;
  readonly faults: string[];
}

export async function openPage(
  place: TestPlace,
  changes: Parameters<TestPlace["open"]>[0] = {},
): Promise<OpenPage> {
  const api = await place.open({ dashboardDir, ...changes });
  const url = await api.app.listen({ port: 0, host: "127.0.0.1" });
  const browser = await openBrowser();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  return { url, browser, page, faults };
}

/** As a person without a mouse gets there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let n = 0; n < 80; n += 1) {
    if (await target.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}

/** From here on every answer takes so long; 0 is a line as it is. */
export async function delayLine(page: Page, latencyMs: number): Promise<void> {
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: latencyMs,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
}
