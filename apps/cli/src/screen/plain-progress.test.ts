import type { PartStatus } from "@shardmill/pipeline";
import { describe, expect, it } from "vitest";
import type { BuildView } from "./build-model.ts";
import { PlainProgress } from "./plain-progress.ts";

type Asked = Partial<PartStatus> & Pick<PartStatus, "state">;

function viewOf(asked: readonly Asked[]): BuildView {
  const whole = asked.map((part, index) => ({
    label: `p000${index}`,
    members: 8,
    packed: 0,
    failed: 0,
    skipped: 0,
    shards: { done: 0, total: null },
    error: null,
    ...part,
  }));
  return {
    asked: whole,
    members: { done: 5, of: 8 },
    perSecond: { samples: 2, frames: 8, bytes: 1_000_000 },
    eta: { seconds: 90, fromSeconds: 80, toSeconds: 100 },
  } as unknown as BuildView;
}

describe("a build in a pipe", () => {
  it("says when a part is planned and how it ended, and nothing of the turns between", () => {
    const plain = new PlainProgress();
    const planned = { done: 0, total: 2 };
    const looks: Asked[] = [
      { state: "missing" },
      { state: "queued" },
      { state: "running" },
      { state: "queued", shards: planned },
      { state: "running", shards: planned },
      { state: "queued", shards: { done: 1, total: 2 } },
      { state: "running", shards: { done: 1, total: 2 } },
      { state: "done", packed: 7, failed: 1, shards: { done: 2, total: 2 } },
      { state: "done", packed: 7, failed: 1, shards: { done: 2, total: 2 } },
    ];
    const lines = looks.flatMap((look, second) => plain.lines(viewOf([look]), second * 500));
    expect(lines).toEqual([
      "p0000 planned: 8 members in 2 shards",
      "p0000 done: 7 packed, 1 failed, 0 skipped in 2 shards",
    ]);
  });

  it("says why a part failed", () => {
    const error = { code: "source_unreachable" as const, detail: "no answer" };
    expect(new PlainProgress().lines(viewOf([{ state: "failed", error }]), 0)).toEqual([
      "p0000 failed: source_unreachable: no answer",
    ]);
  });

  it("tells the whole every half minute", () => {
    const plain = new PlainProgress();
    const view = viewOf([{ state: "running" }]);
    expect([0, 10_000, 29_000].flatMap((ms) => plain.lines(view, ms))).toEqual([]);
    expect(plain.lines(view, 30_000)).toEqual([
      "0 of 1 parts, 5 of 8 members, 2.0 samples/s, 1.0 MB/s, ETA 1 min 30 s",
    ]);
    expect(plain.lines(view, 31_000)).toEqual([]);
  });
});
