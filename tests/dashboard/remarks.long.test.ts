import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../../apps/api/testing/write-output.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { openPage } from "./open-page.ts";

/** Remarks, names of parts and what the buttons would start, over records as a build leaves them. */
const hostile =
  '<img src=x onerror="document.title=\'taken\'"> row 7 of "captions.csv" has 3 cells, 9 were expected';
let place: TestPlace;
let url: string;
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
    asked: [0, 1, 2],
    parts: [
      {
        part: 0,
        kind: "done",
        members: 20,
        remarks: [{ code: "annotation_invalid", detail: hostile, count: 12 }],
      },
      {
        part: 1,
        kind: "partial",
        members: 40,
        remarks: [
          { code: "annotation_invalid", detail: "row 9", count: 1 },
          { code: "duplicate_name", detail: "a word ".repeat(60), count: 2 },
        ],
      },
      ...[2, 3, 4, 5].map((part) => ({ part, kind: "missing" as const })),
    ],
  });
  ({ url, browser, page, faults } = await openPage(place));
});

afterAll(async () => {
  await browser?.close();
  await place?.close();
});

/** For a look at it: SHARDMILL_IMAGES is a folder. */
async function shoot(name: string): Promise<void> {
  const folder = process.env.SHARDMILL_IMAGES;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("a part's page, found under any of its names, shows its remarks as text", async () => {
    for (const name of ["p0000", "0", "P0"]) {
      await page.goto(`${url}/#/builds/openvid-1m/parts/${name}`);
      await page.getByRole("heading", { name: "Part p0000" }).waitFor();
    }
    const line = page.locator(".remarks li");
    await line.getByText("×12").waitFor();
    expect(await line.locator(".remark-detail").textContent()).toBe(hostile);
    expect(await page.locator(".remarks img").count()).toBe(0);
    expect(await page.title()).not.toBe("taken");
    await shoot("remarks-part");
    await page.goto(`${url}/#/builds/openvid-1m/parts/p0099`);
    await page.getByText(/penvid-1m has no part p0099; it has 6 parts, from p0000 to p0005/).waitFor();
  });

  it("the build's page adds them up by code", async () => {
    await page.goto(`${url}/#/builds/openvid-1m`);
    const lines = page.locator("#remarks .remarks li");
    await lines.first().waitFor();
    const texts = (await lines.allTextContents()).map((text) => text.replace(/\s+/g, " "));
    expect(texts[0]).toMatch(/^annotation_invalid×13in 2 parts, first in p0000/);
    expect(texts[1]).toMatch(/^duplicate_name×2in 1 part, first in p0001/);
    await shoot("remarks-build");
  });

  it.each([
    ["Build what is missing: 2 parts", 2],
    ["Build the rest of the dataset: 5 parts", 5],
  ])("%s: the dialog lists as many before anything starts", async (name, count) => {
    await page.goto(`${url}/#/builds/openvid-1m`);
    await page.getByRole("button", { name }).click();
    await page.locator("dialog tbody tr").first().waitFor();
    expect(await page.locator("dialog tbody tr").count()).toBe(count);
    await shoot(`retry-${count}`);
    await page.getByRole("button", { name: "Not now" }).click();
  });

  it("met no error", () => expect(faults).toEqual([]));
});
