import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { hostileText, tokenizerFiles, tokenSamples } from "../../apps/api/testing/token-samples.ts";
import { catalogueDataset, writeOutput } from "../../apps/api/testing/write-output.ts";
import { chromiumPath, hasChromium, noChromium } from "./open-browser.ts";
import { openPage } from "./open-page.ts";

/** A sample's tokens as a person sees them, over a shard and a tokenizer as a build leaves them. */
let place: TestPlace;
let url: string;
let browser: Browser;
let page: Page;
let faults: readonly string[] = [];

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  const { more, detail, maxTokens } = await tokenSamples();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 8,
    settings: ["text.format=tokens", `text.maxTokens=${maxTokens}`],
    tokenizer: tokenizerFiles,
    more: (position) => more[position] ?? {},
    detail,
    parts: [
      { part: 0, kind: "done", members: 8, frames: 3 },
      { part: 1, kind: "stale", members: 8, frames: 1 },
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
  if (folder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
  }
}

async function open(position: number, part = 0): Promise<void> {
  const key = `openvid-p000${part}-00000${position}`;
  await page.goto(`${url}/#/builds/openvid-1m/samples/openvid-1m-p000${part}-0000/${key}`);
  await page.getByRole("heading", { name: key }).waitFor();
  await page.locator(".sample:not(.waiting)").waitFor();
}

describe.skipIf(!hasChromium)(hasChromium ? `the page in ${chromiumPath}` : noChromium, () => {
  it("sets off what is under the loss by ground and line, with its counts", async () => {
    await open(0);
    const text = page.locator(".tokens .token-text");
    const said = (await text.textContent()) ?? "";
    expect(said).toMatch(/^<\|im_start\|>system\nYou look at pictures/);
    const marked = (await text.locator("mark").allTextContents()).join("");
    expect(marked).toMatch(/^A small boat.*夜.<\|im_end\|>\n$/u);
    expect(said.endsWith(marked)).toBe(true);
    const looks = (which: string) =>
      text
        .locator(which)
        .first()
        .evaluate((run) => {
          const { backgroundColor, borderBottomStyle } = getComputedStyle(run);
          return { backgroundColor, borderBottomStyle };
        });
    const [loss, other] = [await looks("mark:not(.control)"), await looks("span.run:not(.control)")];
    expect(loss.borderBottomStyle).toBe("solid");
    expect(other.borderBottomStyle).toBe("none");
    expect(loss.backgroundColor).not.toBe(other.backgroundColor);
    expect(await text.locator(".control").count()).toBe(6);
    expect(await page.locator(".token-counts").textContent()).toMatch(
      /^\d+ tokensthe loss on \d+ \(\d+ %\)$/,
    );
    await shoot("tokens");
  });

  it("shows a pair's answers side by side, and below each other where there is no room", async () => {
    await open(3);
    const boxes = async () => {
      const [chosen, rejected] = await Promise.all(
        ["Chosen", "Rejected"].map((name) => page.getByRole("region", { name }).boundingBox()),
      );
      return { chosen: chosen!, rejected: rejected! };
    };
    const wide = await boxes();
    expect(wide.rejected.x).toBeGreaterThan(wide.chosen.x + wide.chosen.width - 1);
    expect(await page.locator(".turns .user").textContent()).toContain("What is in the picture");
    await shoot("pair");
    await page.setViewportSize({ width: 420, height: 900 });
    const narrow = await boxes();
    expect(narrow.rejected.y).toBeGreaterThan(narrow.chosen.y + narrow.chosen.height - 1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(420);
    await shoot("pair-narrow");
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("takes whatever data says for text, and tells a control token from text that says the same", async () => {
    await open(3);
    const rejected = page.getByRole("region", { name: "Rejected" });
    expect(await rejected.locator(".answer").textContent()).toBe(hostileText);
    const text = rejected.locator(".token-text");
    expect(await text.locator("mark:not(.control)").first().textContent()).toBe(hostileText);
    expect(await rejected.locator("img").count()).toBe(0);
    expect(await page.title()).not.toBe("taken");
    const signs = await text.locator(".odd").evaluateAll((all) => all.map((one) => one.dataset.sign));
    expect(signs).toEqual(["U+202E", "U+202C", "U+0007", "U+200B"]);
    expect(await text.locator("mark .spaces").count()).toBe(1);
  });

  it("says what is not shown, what was cut, and why there is no text", async () => {
    await open(1);
    await page.locator(".cut.yes").waitFor();
    await open(2);
    expect(await page.locator(".tokens .cut").count()).toBe(0);
    await open(6);
    await page.getByText(/^[\d,]+ more tokens are not shown\.$/).waitFor();
    await shoot("long");
    await open(4);
    expect(await page.locator(".tokens").count()).toBe(0);
    await open(0, 1);
    await page.getByText(/^No text: .* of another recipe/).waitFor();
    expect(await page.locator(".token-counts b").first().textContent()).toMatch(/^\d+$/);
    await shoot("no-text");
  });

  it("met no error", () => expect(faults).toEqual([]));
});
