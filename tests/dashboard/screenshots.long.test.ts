import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Code } from "@shardmill/core";
import type { RunningWorker } from "@shardmill/queue";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { catalogueDataset, type PartSpec, writeOutput } from "../../apps/api/testing/write-output.ts";
import { captions, makeFrames } from "./frames.ts";
import { chromiumPath, hasChromium, noChromium, openBrowser } from "./open-browser.ts";

/** Draws docs/images anew: `SHARDMILL_IMAGES=docs/images npx vitest run --config vitest.long.config.ts tests/dashboard/screenshots`. */
const images =
  process.env.SHARDMILL_IMAGES ??
  join(fileURLToPath(new URL("../../", import.meta.url)), "node_modules/.cache/images");
const dashboardDir = fileURLToPath(new URL("../../apps/dashboard/dist", import.meta.url));

let place: TestPlace;
let browser: Browser;
let url: string;
let close: () => Promise<void>;
let stopWork: () => void = () => {};

function left(part: number): Partial<Record<Code, number>> {
  const n = (part * 37) % 11;
  return {
    no_annotation: 40 + n * 3,
    decode_truncated: 6 + n,
    decode_error: 9 + (n % 5),
    bad_crc: n % 3,
    zero_frames: n % 2,
    decode_timeout: part % 9 === 0 ? 4 : 0,
    not_media: part % 4 === 0 ? 1 : 0,
  };
}

function partsOf(): PartSpec[] {
  return Array.from({ length: 186 }, (_, part): PartSpec => {
    const members = 5_100 + ((part * 97) % 700);
    if (part === 2)
      return { part, kind: "done", members: 48, frames: 8, left: { decode_error: 1, no_annotation: 2 } };
    if (part === 118) return { part, kind: "absent" };
    if ([61, 97].includes(part)) return { part, kind: "failed", members };
    if ([33, 34].includes(part)) return { part, kind: "stale", members };
    if ([103, 108, 111].includes(part)) return { part, kind: "partial", members, left: left(part) };
    return part < 124 ? { part, kind: "done", members, left: left(part) } : { part, kind: "missing" };
  });
}

beforeAll(async () => {
  if (!hasChromium) return;
  place = await openTestPlace();
  const frames = makeFrames(8);
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 1_000,
    parts: partsOf(),
    frame: (key, number) => frames[Number(key.slice(-2)) % 5]![number]!,
    caption: (position) => captions[position % 5]!,
  });
  const { buildApi } = await import("../../apps/api/src/build-api.ts");
  const api = await buildApi(await place.deps({ dashboardDir, limits: { statusTtlMs: 500 } }));
  await api.app.listen({ host: "127.0.0.1", port: 0 });
  const address = api.app.server.address();
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  close = api.close;
  browser = await openBrowser();
}, 300_000);

afterAll(async () => {
  stopWork();
  await browser?.close();
  await close?.();
  await place?.close();
});

/** Two workers that do as workers do, but make nothing: parts 109 on are queued, some of them at work. */
async function startWork(): Promise<void> {
  const { queue } = place;
  const build = (await (await fetch(`${url}/api/builds/openvid-1m`)).json()).build as string;
  const parts = [108, ...Array.from({ length: 20 }, (_, n) => 124 + n)];
  await queue.enqueueBuild({
    build,
    run: 1,
    dataset: "openvid-1m",
    parts: parts.map((part) => ({
      label: `p${String(part).padStart(4, "0")}`,
      subset: null,
      part,
      payload: { kind: "missing" },
    })),
  });
  const stop = new AbortController();
  stopWork = () => stop.abort();
  const beats = (worker: RunningWorker, role: "plan" | "mill"): void => {
    const timer = setInterval(() => {
      const current = worker.current().map((job) => ({ ...job, member: null }));
      void queue.beat({
        worker: worker.name,
        host: `${worker.name.split("/")[0]}.lab`,
        pid: 4_101,
        version: "0.1.0",
        role,
        current,
      });
    }, 1_000);
    stop.signal.addEventListener("abort", () => clearInterval(timer));
  };
  const planner = await queue.runWorker({
    role: "plan",
    name: "mill-1/plan",
    concurrency: 6,
    handlers: {
      planPart: async () => [{ range: "0000" }, { range: "0001" }, { range: "0002" }],
      finishPart: async () => null,
      sealBuild: async () => null,
    },
  });
  beats(planner, "plan");
  for (const name of ["mill-1/mill", "mill-2/mill"]) {
    const miller = await queue.runWorker({
      role: "mill",
      name,
      concurrency: 3,
      handlers: {
        async millShard(task, { signal, progress }) {
          for (let done = 0; done <= 1_000; done += 9 + Math.round(14 * Math.random())) {
            const shard = `openvid-1m-${task.label}-${task.range}`;
            const packed = Math.round(done * 0.985);
            progress({
              shard,
              done,
              of: 1_000,
              packed,
              failed: done - packed,
              frames: packed * 8,
              bytesRead: done * 8_100_000,
              decodeSeconds: done * 0.04,
            });
            await setTimeout(500, undefined, { signal });
          }
          return null;
        },
      },
    });
    beats(miller, "mill");
  }
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
    const faults: string[] = [];
    page.on("console", (message) => (message.type() === "error" ? faults.push(message.text()) : undefined));
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(url);
    await page.getByText("of 186 parts done").waitFor();
    await shoot(page, "no-worker");
    await startWork();
    await page.goto(`${url}/#/builds/openvid-1m`);
    await page.locator(".cell.running").first().waitFor();
    await page.waitForTimeout(45_000);
    await shoot(page, "build");
    await page.locator('[data-label="p0061"]').hover();
    await page.waitForTimeout(300);
    await shoot(page, "build-card");
    await page.locator("#failures summary").nth(1).click();
    await page.locator("#failures .member, #failures tbody tr").first().waitFor();
    await page.locator("#failures").scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector("#failures")?.scrollIntoView({ block: "start" }));
    await page.evaluate(() => window.scrollBy(0, -70));
    await page.waitForTimeout(300);
    await shoot(page, "failures");
    await page.locator("#failures details[open] button", { hasText: "Retry these" }).click();
    await page.locator("dialog tbody tr").first().waitFor();
    await shoot(page, "retry");
    await page.getByRole("button", { name: "Not now" }).click();
    await page.goto(`${url}/#/builds/openvid-1m/parts/p0009`);
    await page.locator(".timeline").waitFor();
    await shoot(page, "part");
    await page.goto(`${url}/#/builds/openvid-1m/samples/openvid-1m-p0002-0000`);
    await page.locator(".sample-tile img").nth(9).waitFor();
    await shoot(page, "samples");
    await page.locator(".sample-tile").nth(3).click();
    await page.locator(".strip img").nth(7).waitFor();
    await shoot(page, "sample");
    await page.goto(url);
    await page.getByText("of 186 parts done").waitFor();
    await page.waitForTimeout(2_500);
    await shoot(page, "overview");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${url}/#/builds/openvid-1m`);
    await page.locator(".cell.running").first().waitFor();
    await page.waitForTimeout(2_500);
    await shoot(page, "build-dark");
    await page.goto(`${url}/#/builds/openvid-1m/samples/openvid-1m-p0002-0000/openvid-p0002-000008`);
    await page.locator(".strip img").nth(7).waitFor();
    await shoot(page, "sample-dark");
    expect(faults).toEqual([]);
  }, 240_000);
});
