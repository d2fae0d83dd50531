import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type S3StandIn,
  standInBucket,
  startS3StandIn,
} from "../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import { hasChromium, openBrowser } from "../dashboard/open-browser.ts";
import { RealService } from "../dashboard/real-service.ts";
import { MillHouse, type Status, type Verdict } from "../faults/mill-house.ts";
import { shardmill } from "../support/shardmill.ts";
import { bucketEnvironment } from "./bucket-environment.ts";

/** `serve` over a bucket, as a person has it: a build is asked for on its page, made there, looked at, and cleared away. */
const dataset = "openvid-1m";
const address = `s3://${standInBucket}/shards`;
const base = `/api/builds/${dataset}`;
const images =
  process.env.SHARDMILL_IMAGES ??
  join(fileURLToPath(new URL("../../", import.meta.url)), "node_modules/.cache/images");
let house: MillHouse;
let standIn: S3StandIn;
let service: RealService;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 6, samplesPerShard: 2, seconds: 4 });
  standIn = await startS3StandIn({ pageSize: 7 });
  service = await RealService.start(house.scratch, {
    more: ["--out", address, "--scratch", join(house.scratch, "scratch"), "--workers", "1"],
    environment: environment(),
  });
});
afterAll(async () => {
  await service?.stop("SIGTERM");
  await standIn?.[Symbol.asyncDispose]();
  await house?.close();
});

function environment(): Record<string, string> {
  return bucketEnvironment(house, standIn, house.quick);
}

async function ask<T>(url: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${service.url}${url}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { "content-type": "application/json" },
  });
  const text = await answer.text();
  expect(answer.status, text).toBeLessThan(300);
  expect(text).not.toMatch(/stand-in-/);
  return JSON.parse(text) as T;
}

function tarHashes(): Record<string, string> {
  const tars = [...standIn.objects.all].filter(([key]) => key.endsWith(".tar"));
  return Object.fromEntries(
    tars.map(([key, { bytes }]) => [
      key.slice(key.lastIndexOf("/") + 1),
      createHash("sha256").update(bytes).digest("hex"),
    ]),
  );
}

const run = (...args: string[]) => shardmill(args, environment());
const keys = (): string[] => [...standIn.objects.all.keys()].sort();

describe("serve over a bucket", () => {
  it("builds what is asked for there, shows it, and tells nobody its keys", async () => {
    await ask("/api/builds", { dataset, parts: "72", settings: ["samplesPerShard=2"] });
    const isDone = async (): Promise<boolean> => {
      const { active, states } = await ask<{ active: boolean; states: Record<string, number> }>(base);
      return !active && states.done === 1;
    };
    await expect.poll(isDone, { timeout: 120_000, interval: 500 }).toBe(true);
    expect(tarHashes()).toEqual(house.reference);
    const { shards } = await ask<{ shards: { shard: string }[] }>(`${base}/shards`);
    expect(shards.length).toBe(house.shards);
    expect(service.said).not.toMatch(/stand-in-/);
  });

  it.skipIf(!hasChromium)(
    "has a page with its parts, what was left out, and samples with frames",
    async () => {
      await using browser = await openBrowser();
      const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      await page.goto(`${service.url}/#/builds/${dataset}`);
      await page.getByText("p0072").first().waitFor();
      await mkdir(images, { recursive: true });
      await page.screenshot({ path: join(images, "bucket-build.png"), animations: "disabled" });
      const { shards } = await ask<{ shards: { shard: string; samples: number }[] }>(`${base}/shards`);
      const { shard } = shards.find(({ samples }) => samples > 0) ?? { shard: "" };
      const { samples } = await ask<{ samples: { key: string }[] }>(`${base}/shards/${shard}/samples`);
      await page.goto(`${service.url}/#/builds/${dataset}/samples/${shard}/${samples[0]?.key}`);
      const frame = page.locator("img").first();
      await frame.waitFor();
      await expect
        .poll(() => frame.evaluate((one) => (one as HTMLImageElement).naturalWidth))
        .toBeGreaterThan(0);
      await page.screenshot({ path: join(images, "bucket-sample.png"), animations: "disabled" });
      expect(faults).toEqual([]);
      expect(await page.content()).not.toMatch(/stand-in-/);
    },
  );

  it("clean shows what lies there, takes what is of no shard, and never what is published", async () => {
    const before = keys();
    const at = `shards/${dataset}`;
    // A writer that died behind its tar, and one that had a draft of another shard.
    const orphan = `${at}/${dataset}-p0072-0090.tar`;
    const put = standIn.objects.put(orphan, Buffer.from("x"), {});
    // Two hours ago: a younger one may be of somebody who is about to commit it.
    standIn.objects.all.set(orphan, { ...put, modified: new Date(Date.now() - 2 * 3_600_000) });
    standIn.objects.put(`${at}/.shardmill/drafts/${dataset}-p0072-0091~a`, Buffer.from("{}"), {});
    standIn.objects.put(`${at}/notes.txt`, Buffer.from("mine"), {});
    const shown = await run("clean", "--out", address);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/openvid-1m +temporaries +1 /)]);
    expect(keys().length).toBe(before.length + 3);
    const cleared = await run("clean", "--remove", "temporaries", "--yes", "--out", address);
    expect(cleared.code, cleared.stderr).toBe(0);
    const isLock = (key: string): boolean => key.includes("/lock/");
    const lasting = (all: readonly string[]): string[] => all.filter((key) => !isLock(key));
    expect(lasting(keys())).toEqual(lasting([...before, `${at}/notes.txt`].sort()));
    const verdict: Verdict = JSON.parse((await run("verify", `${address}/${dataset}`, "--json")).stdout);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });

  it("a rule of the bucket that removes objects is told by verify, and mended by retry --missing", async () => {
    const [gone = ""] = keys().filter((key) => key.endsWith(".tar"));
    standIn.objects.remove(gone);
    const told = await run("verify", `${address}/${dataset}`);
    expect([told.code, told.stdout]).toEqual([1, expect.stringMatching(/tar_missing/)]);
    const mended = await run("retry", dataset, "--missing", "--out", address);
    expect([0, 1], mended.stderr).toContain(mended.code);
    await expect.poll(tarHashes, { timeout: 60_000 }).toEqual(house.reference);
    const status: Status = JSON.parse((await run("status", dataset, "--json", "--out", address)).stdout);
    expect(status.totals.members).toBe(house.members);
  });

  it("a build goes by its name, and what is not of it stays", async () => {
    await service.stop("SIGTERM");
    const before = standIn.requests.length;
    const removed = await run("clean", dataset, "--remove", "build,drafts", "--yes", "--out", address);
    expect(removed.code, removed.stderr).toBe(0);
    expect(keys()).toEqual([`shards/${dataset}/notes.txt`]);
    expect(standIn.requests.length - before).toBeLessThan(120);
  });
});
