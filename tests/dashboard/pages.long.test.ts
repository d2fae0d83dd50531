import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../../apps/api/testing/write-output.ts";
import { overflow, seriousFaults } from "./judge-page.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { openPage } from "./open-page.ts";

/**
 * Every page over records with more parts than one page of the grid holds, and with texts that are longer than a line,
 * turn its direction, or are no words at all: at four widths, light and dark.
 */
const partCount = 2_000;
const word = "Донаудампфшиффартсгезельшафт".repeat(40);
const captions = [
  `${word} <b>no markup</b>`,
  "first line\n  second line, two spaces in\n\nafter an empty one",
  "קובץ עם טקסט (A1) בעברית, ואחריו English.",
  "a\u202eb",
];
const widths = [320, 390, 1280, 2560];
const sample = "#/builds/openvid-1m/samples/openvid-1m-p0000-0000/openvid-p0000-";
const pages = {
  overview: "#/",
  mixes: "#/mixes",
  build: "#/builds/openvid-1m",
  part: "#/builds/openvid-1m/parts/p0000",
  "failed-part": "#/builds/openvid-1m/parts/p0007",
  shard: "#/builds/openvid-1m/samples/openvid-1m-p0000-0000",
  sample: `${sample}000001`,
  "long-word": `${sample}000004`,
  "other-direction": `${sample}000002`,
  nowhere: "#/no/such/page",
  "no-part": "#/builds/openvid-1m/parts/p9999",
  "no-page": "#/builds/openvid-1m/samples/openvid-1m-p0000-0000?page=9",
};
type Named = keyof typeof pages;

const requestOnRecord = {
  ...{ version: 1, at: "2026-11-20T06:00:00.000Z", verb: "retry", about: `missing, parts ${word}` },
  ...{ origin: { kind: "command", who: "קובץ@box" }, result: "refused", parts: null },
  ...{ code: "queue_unreachable", detail: "no answer" },
};

/** Two tries at a shard, of which the first failed, and one that nobody has heard of since. */
const logOfPart = [
  ["started", 1, 0, "mill-1/mill"],
  ["retrying", 1, 3, "mill-1/mill"],
  ["started", 2, 4, "mill-2/mill"],
  ["completed", 2, 9, "mill-2/mill"],
  ["started", 1, 9, "mill-1/mill", "0001"],
]
  .map(([kind, attempt, minute, worker, range = "0000"]) => {
    const code = kind === "retrying" ? "source_unreachable" : null;
    const at = `2026-11-20T06:0${minute}:00.000Z`;
    return `${JSON.stringify({ at, kind, step: "mill", label: "p0000", range, worker, attempt, text: kind, code })}\n`;
  })
  .join("");

let place: TestPlace;
let url: string;
let browser: Browser;
let page: Page;
let faults: readonly string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  const kinds = ["done", "missing", "partial", "stale", "absent"] as const;
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 30,
    caption: (position) => captions[position % captions.length] ?? "",
    parts: Array.from({ length: partCount }, (_, part) => {
      if (part === 0)
        return { part, kind: "done", members: 50, frames: 2, left: { decode_error: 2 } } as const;
      if (part % 100 === 7) return { part, kind: "failed", members: 5 } as const;
      if (part < 40) return { part, kind: kinds[part % kinds.length]!, members: 3 };
      return { part, kind: "missing" };
    }),
  });
  const logs = join(place.root, "openvid-1m/.shardmill/logs");
  await mkdir(logs, { recursive: true });
  await writeFile(join(logs, "p0000.jsonl"), logOfPart);
  const requests = join(place.root, "openvid-1m/.shardmill/requests");
  await mkdir(requests, { recursive: true });
  await writeFile(join(requests, "1763618400000.json"), JSON.stringify(requestOnRecord));
  ({ url, browser, page, faults } = await openPage(place));
});

afterAll(async () => {
  await browser?.close();
  await place?.close();
});

async function open(name: Named): Promise<void> {
  await page.goto("about:blank");
  await page.goto(`${url}/${pages[name]}`);
  await page.locator("main h1").first().waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
  await page.locator(".waiting").first().waitFor({ state: "detached" });
  await page.locator(".frame.loading").first().waitFor({ state: "detached" });
}

/** For a look at it: SHARDMILL_IMAGES is a folder. */
async function shoot(name: string): Promise<void> {
  const folder = process.env.SHARDMILL_IMAGES;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("tells each try at a part's jobs: by whom, and what it ended with", async () => {
    await page.setViewportSize({ width: 1_280, height: 900 });
    await open("part");
    const rows = page.locator(".scroll-box, .table-box", {
      has: page.locator('table:has(th:text-is("attempt"))'),
    });
    const texts = await rows.first().locator("tbody tr").allTextContents();
    expect(texts).toEqual([
      expect.stringMatching(/^mill 00011.*its end was not told.*mill-1\/mill$/),
      expect.stringMatching(/^mill 00002.*5 min.*done.*mill-2\/mill$/),
      expect.stringMatching(/^mill 00001.*3 min.*failed, tried again \(source_unreachable\).*mill-1\/mill$/),
    ]);
  });

  it.each(Object.keys(pages) as Named[])(
    "%s fits a window that is narrowed, and axe finds nothing serious",
    async (name) => {
      await page.setViewportSize({ width: 2_560, height: 900 });
      await open(name);
      const found: string[] = [];
      for (const width of widths.toReversed()) {
        await page.setViewportSize({ width, height: 900 });
        await expect
          .poll(() => overflow(page), { message: `${name} at ${width} px` })
          .toMatchObject({ over: 0 });
        for (const colorScheme of ["dark", "light"] as const) {
          if (width !== 1_280 && (width !== 320 || colorScheme === "dark")) continue;
          await page.emulateMedia({ colorScheme });
          await shoot(`${name}-${width}-${colorScheme}`);
          found.push(...(await seriousFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
        }
      }
      expect(found).toEqual([]);
    },
  );

  it("reaches every part, with a filter that agrees with the legend, and keeps both in the address", async () => {
    await open("build");
    const cells = page.locator(".part-grid .cell");
    await expect.poll(() => cells.count()).toBe(1_000);
    await page.getByRole("button", { name: "Next →" }).last().click();
    await expect.poll(() => cells.first().getAttribute("data-label")).toBe("p1000");
    expect(page.url()).toMatch(/\?page=2$/);
    const failed = page.getByRole("button", { name: /^✕failed|^failed/ });
    const told = Number(((await failed.locator("b").textContent()) ?? "").replace(",", ""));
    expect(told).toBe(20);
    await failed.click();
    await expect.poll(() => cells.count()).toBe(told);
    await page.reload();
    await expect.poll(() => cells.count()).toBe(told);
    await page.goBack();
    await expect.poll(() => cells.first().getAttribute("data-label")).toBe("p1000");
    await page.getByLabel("Find a part").fill("120");
    await page.keyboard.press("Enter");
    // p0120, p1120, and p1200 to p1209.
    await expect.poll(() => cells.count()).toBe(12);
    await page.goto(`${url}/#/builds/openvid-1m?page=77`);
    await page.getByRole("button", { name: "The first page" }).click();
    await expect.poll(() => cells.count()).toBe(1_000);
  });

  it("marks a run of parts by keyboard and shows what would run of them", async () => {
    await open("build");
    await page.locator('[data-label="p0041"]').focus();
    await page.keyboard.press("Space");
    for (let n = 0; n < 3; n += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+Space");
    expect(await page.locator('[name="act-on"]').inputValue()).toBe("41-44");
    expect(await page.locator('[data-label="p0043"]').textContent()).toContain("marked");
    await page.getByRole("button", { name: "See what would run" }).click();
    await page.locator("dialog tbody tr").first().waitFor();
    expect(await page.locator("dialog tbody tr b").allTextContents()).toEqual([
      "p0041",
      "p0042",
      "p0043",
      "p0044",
    ]);
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  });

  it("begins nothing of a dataset with conditions before they are accepted", async () => {
    await page.goto(`${url}/#/`);
    await page.getByLabel("Dataset").selectOption("sharegpt4video");
    const conditions = page.getByRole("group", { name: "Conditions of ShareGPT4Video" });
    await conditions.getByText("no commercial use").waitFor();
    await page.getByRole("button", { name: "See what would run" }).click();
    expect(await page.locator("dialog").count()).toBe(0);
    await conditions.getByLabel("I accept them").check();
    // Its source is on the Hub: nothing goes there.
    await page.route("**/api/builds", (route) => route.abort());
    const asked = page.waitForRequest("**/api/builds");
    await page.getByRole("button", { name: "See what would run" }).click();
    expect((await asked).postDataJSON()).toMatchObject({ dataset: "sharegpt4video", acceptTerms: true });
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.unroute("**/api/builds");
    await page.getByLabel("Dataset").selectOption("openvid-1m");
    await conditions.waitFor({ state: "detached" });
  });

  it("has a title for each page, and a way back to where one was", async () => {
    await page.setViewportSize({ width: 390, height: 700 });
    await open("build");
    expect(await page.title()).toBe("openvid-1m · Shardmill");
    const cell = page.locator('[data-label="p0900"]');
    await cell.scrollIntoViewIfNeeded();
    const top = await page.evaluate(() => window.scrollY);
    expect(top).toBeGreaterThan(500);
    await cell.click();
    await page.getByRole("heading", { name: "Part p0900" }).waitFor();
    expect(await page.title()).toBe("Part p0900 · openvid-1m · Shardmill");
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
    await page.goBack();
    await expect.poll(() => page.evaluate(() => Math.round(window.scrollY))).toBe(Math.round(top));
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-label")))
      .toBe("p0900");
    await page.setViewportSize({ width: 1_280, height: 900 });
  });

  it("shows a caption's lines as lines and a text in the other direction from the right", async () => {
    await open("sample");
    const caption = page.locator(".caption");
    const style = (name: string) =>
      caption.evaluate((one, key) => getComputedStyle(one).getPropertyValue(key), name);
    expect(await caption.textContent()).toBe(captions[1]);
    expect(await style("white-space-collapse")).toBe("preserve");
    await open("other-direction");
    expect(await style("direction")).toBe("rtl");
  });

  it("met no error", () => expect(faults).toEqual([]));
});
