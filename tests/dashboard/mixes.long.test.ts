import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { loadPresets } from "../../packages/catalogue/src/index.ts";
import { writeOutput } from "../../packages/mixes/testing/outputs.ts";
import { openStore } from "../../packages/store/src/index.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { openPage } from "./open-page.ts";

/** Mixes as a person sees them: one that is ready, one that is not. */
let place: TestPlace;
let url: string;
let browser: Browser;
let page: Page;
let faults: readonly string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  const store = await openStore(place.root);
  await writeOutput(store, { name: "clips", shards: [{}, { positions: [7, 8] }] });
  await writeOutput(store, { name: "sub", shards: [{ subset: "a" }, { subset: "b" }] });
  await writeOutput(store, { name: "pictures", media: "images", shards: [{ positions: [0, 1] }] });
  await writeOutput(store, {
    name: "words",
    media: "none",
    recipe: { textPicture: "placeholder" },
    shards: [{}],
  });
  const own = join(place.root, "own/mixes");
  await mkdir(own, { recursive: true });
  const text = "text: { dataset: words, share: 0.14 }\n";
  await writeFile(
    join(own, "ready.yaml"),
    `title: "<img src=x onerror=alert(1)>"\nsets: [clips, pictures]\n${text}`,
  );
  const left = "exclude: { keys: [clips-p0000-000007] }\n";
  await writeFile(
    join(own, "left.yaml"),
    `title: Left\nsets: [{ dataset: sub, exclude: { subsets: [b] } }, clips]\n${left}`,
  );
  await writeFile(join(own, "waits.yaml"), `title: Waits\nsets: [clips, openvid-1m]\n${text}`);
  const presets = await loadPresets([join(place.root, "own")]);
  ({ url, browser, page, faults } = await openPage(place, { presets }));
});

afterAll(async () => {
  await browser?.close();
  await place?.close();
});

/** For a look at it: SHARDMILL_IMAGES is a folder. */
async function shoot(): Promise<void> {
  const folder = process.env.SHARDMILL_IMAGES;
  if (folder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `mixes-${colorScheme}.png`), fullPage: true });
  }
}

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("shows what is in a mix, its shares as a picture in words too, and what keeps one from being ready", async () => {
    await page.goto(url);
    await page.getByRole("link", { name: "Mixes for training" }).click();
    const ready = page.locator('[data-mix="ready"]');
    await ready.getByRole("heading", { name: "<img src=x onerror=alert(1)> ready" }).waitFor();
    await ready.getByRole("img", { name: "Shares: clips 64.5 %, pictures 21.5 %, words 14.0 %" }).waitFor();
    expect(await ready.locator(".mix-bar span").count()).toBe(3);
    expect(await ready.locator("tbody tr").first().locator("td").allTextContents()).toEqual(
      expect.arrayContaining(["64.5 %", "6", "12"]),
    );
    const waits = page.locator('[data-mix="waits"]');
    await waits.getByText("openvid-1m is not built").waitFor();
    expect(await waits.locator(".mix-command").textContent()).toBe("shardmill build openvid-1m");
    const left = page.locator('[data-mix="left"] .mix-left-out li');
    expect(await left.allTextContents()).toEqual(["1 sample: listed in its file", "sub without b"]);
    expect(await ready.locator(".mix-left-out").count()).toBe(0);
    await shoot();
    await page.setViewportSize({ width: 420, height: 900 });
    const [wide, seen] = await page.evaluate(() => [document.body.scrollWidth, window.innerWidth]);
    expect(wide).toBeLessThanOrEqual(seen ?? 0);
    expect(faults).toEqual([]);
  });
});
