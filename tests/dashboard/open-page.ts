import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { openBrowser } from "./open-browser.ts";

const dashboardDir = join(fileURLToPath(new URL("../../", import.meta.url)), "apps/dashboard/dist");

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
