import { defaultRecipe, type PartState } from "@shardmill/core";
import type { BuildStatus, PartStatus } from "@shardmill/pipeline";
import { describe, expect, it } from "vitest";
import { widthOf } from "../text/columns.ts";
import { BuildModel, type BuildView } from "./build-model.ts";
import { renderBuild } from "./render-build.ts";

const plain = (_style: unknown, text: string): string => text;

function part(number: number, state: PartState, more: Partial<PartStatus> = {}): PartStatus {
  const label = `p${String(number).padStart(4, "0")}`;
  const nothing = {
    ...{ packed: 0, failed: 0, skipped: 0, byCode: {} },
    ...{ samples: 0, frames: 0, shardBytes: 0, tokens: null },
  };
  return {
    subset: null,
    part: number,
    label,
    state,
    isAdopted: false,
    isAsked: true,
    isStream: false,
    members: 6_000,
    ...nothing,
    shards: { done: 0, total: 6 },
    sourceBytes: 50_000_000_000,
    revision: null,
    error: null,
    remarks: [],
    held: null,
    ...more,
  };
}

const parts = [
  part(72, "done", {
    packed: 5_400,
    failed: 12,
    skipped: 588,
    byCode: { decode_truncated: 12, no_annotation: 588 },
    samples: 5_400,
    frames: 43_000,
    shards: { done: 6, total: 6 },
    shardBytes: 1_900_000_000,
  }),
  part(73, "running", {
    packed: 1_990,
    failed: 10,
    byCode: { decode_truncated: 10 },
    shards: { done: 2, total: 6 },
    shardBytes: 700_000_000,
  }),
  part(74, "queued"),
];

function status(all: readonly PartStatus[]): BuildStatus {
  return {
    dataset: "openvid-1m",
    build: "openvid-1m-12345678",
    source: { kind: "hub", name: "hub:nkp37/OpenVid-1M", revision: "a".repeat(40), location: "" },
    revision: "a".repeat(40),
    recipe: defaultRecipe,
    parts: all,
    totals: {
      members: 0,
      packed: 0,
      failed: 0,
      skipped: 0,
      toDo: 0,
      unmatched: null,
      notFetched: null,
      byCode: {},
      samples: 0,
      frames: 0,
      shardBytes: 0,
      tokens: null,
    },
    remarks: [],
    newestAt: null,
    annotationRemarks: [],
    subsetNames: {},
  };
}

function running(shard: string, done: number) {
  const progress = {
    shard,
    done,
    of: 1_000,
    packed: done - 2,
    failed: 2,
    frames: done * 8,
    bytesRead: done * 3_000_000,
    decodeSeconds: done * 0.1,
  };
  return { label: "p0073", range: "0002", worker: "mill-a/4711", step: "mill" as const, progress };
}

/** A view after two minutes at an even pace. */
function view(all = parts, shards = ["openvid-1m-p0073-0002", "openvid-1m-p0073-0003"]): BuildView {
  const model = new BuildModel(
    all.map(({ label }) => label),
    0,
  );
  for (let second = 0; second < 120; second += 10)
    model.update(
      status(all),
      shards.map((shard) => running(shard, 10 + second * 3)),
      second * 1000,
    );
  return model.update(
    status(all),
    shards.map((shard) => running(shard, 370)),
    120_000,
  );
}

describe("the screen of a running build", () => {
  it("at 80 columns", () => {
    expect(renderBuild(view(), 80, 24, plain).join("\n")).toMatchInlineSnapshot(`
      "openvid-1m  building from hub:nkp37/OpenVid-1M, 2 min 00 s
      [===================                     ]  48%  parts 1/3  members 8,740/18,000
      ETA 25 min 43 s  6.0 samples/s  18.0 MB/s in  48 frames/s
      committed: 7,390 packed, 22 failed, 588 skipped in 8 shards, 2.6 GB
      left out: no_annotation 588, decode_truncated 22
        #>o
        o 1 queued  > 1 running  # 1 done
        openvid-1m-p0073-0002  [====      ] 370/1,000  368 packed  2 failed
        openvid-1m-p0073-0003  [====      ] 370/1,000  368 packed  2 failed"
    `);
  });

  it("at 200 columns, with who does what", () => {
    expect(renderBuild(view(), 200, 50, plain).join("\n")).toMatchInlineSnapshot(`
      "openvid-1m  building from hub:nkp37/OpenVid-1M, 2 min 00 s
      [===================                     ]  48%  parts 1/3  members 8,740/18,000
      ETA 25 min 43 s  6.0 samples/s  18.0 MB/s in  48 frames/s
      committed: 7,390 packed, 22 failed, 588 skipped in 8 shards, 2.6 GB
      left out: no_annotation 588, decode_truncated 22
        #>o
        o 1 queued  > 1 running  # 1 done
        openvid-1m-p0073-0002  [=======             ] 370/1,000  368 packed  2 failed  mill-a/4711
        openvid-1m-p0073-0003  [=======             ] 370/1,000  368 packed  2 failed  mill-a/4711"
    `);
  });

  it("at 40 columns: what matters most stays", () => {
    expect(renderBuild(view(), 40, 24, plain).join("\n")).toMatchInlineSnapshot(`
      "openvid-1m  building from hub:nkp37/Ope…
      [===========           ]  48%  parts 1/3
      ETA 25 min 43 s  6.0 samples/s
      7,390 packed, 22 failed, 588 skipped
      left out: no_annotation 588, decode_tru…
        #>o
        o 1 queued  > 1 running  # 1 done
        p0073-0002  370/1,000  2 failed
        p0073-0003  370/1,000  2 failed"
    `);
  });

  it("of a paused build says so", () => {
    const paused = { ...view(), phase: "paused" as const };
    expect(renderBuild(paused, 80, 24, plain)[0]).toContain("paused");
  });

  it.each([20, 33, 40, 80, 131, 200])(
    "never writes a line wider than %i columns, nor more lines than the terminal has",
    (columns) => {
      const many = Array.from({ length: 186 }, (_, i) => part(i, i % 3 === 0 ? "done" : "running"));
      const shards = Array.from({ length: 40 }, (_, i) => `openvid-1m-p0073-${String(i).padStart(4, "0")}`);
      for (const paint of [plain, (_style: unknown, text: string) => `\u001b[31m${text}\u001b[39m`]) {
        const lines = renderBuild(view(many, shards), columns, 24, paint);
        expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
        expect(lines.length).toBeLessThanOrEqual(columns < 40 ? 30 : 24);
      }
    },
  );
});
