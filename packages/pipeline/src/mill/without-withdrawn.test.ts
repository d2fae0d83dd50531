import { type PlannedMember, Withdrawals, type WithdrawnLine } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { expect, it } from "vitest";
import { aBuildRecord, aPlan } from "../../../core/testing/records.ts";
import { tempFolder } from "../../../store/testing/temp-folder.ts";
import { readWithdrawals } from "../withdrawn/read-withdrawals.ts";
import type { Outcome } from "./outcome.ts";
import { mustBeWithdrawnAsNow, withdrawnOutcome, withoutWithdrawn } from "./without-withdrawn.ts";

const build = aBuildRecord();
const plan = aPlan();
const line: WithdrawnLine = {
  ...{ key: "toy-p0000-000012-1", member: "a.mp4", within: null, group: null },
  ...{ reason: "was asked", by: "me", at: "2026-11-27T00:00:00Z" },
};
const planned: PlannedMember = {
  position: 12,
  name: "a.mp4",
  at: {},
  records: [
    { set: "records", fields: {} },
    { set: "records", fields: {} },
  ],
};
const streamed = {
  ...{ position: 12, name: "a.mp4", kind: "member" as const, sizeBytes: 1 },
  content: { kind: "file" as const, bytes: new Uint8Array() },
} as never;
const met = { planned, plan, streamed };

function milling(lines: readonly WithdrawnLine[]) {
  return {
    context: { build } as never,
    withdrawn: { all: new Withdrawals(build.dataset, lines), stamp: "", id: "" },
  };
}

function madeOf(keys: readonly string[]): Outcome {
  const json = Buffer.from(JSON.stringify({ token_ids: [1, 2, 3], loss_mask: [0, 1, 1] }));
  return {
    samples: keys.map((key) => ({ key, members: [{ suffix: "json", bytes: json }] })),
    line: {
      ...{ position: 12, member: "a.mp4", outcome: "packed", key: keys[0] ?? null },
      ...{ code: null, detail: null, attempt: 1, frames: 2 },
    },
    annotationsUsed: 2,
    seconds: 1,
    tokens: { all: 3 * keys.length, loss: 2 * keys.length, cut: 0 },
  };
}

it("a member that goes whole has its fate before anything is made of it, and its records count as used", () => {
  const whole = { ...line, key: null };
  expect(withdrawnOutcome(milling([whole]), met)).toMatchObject({
    samples: [],
    line: { position: 12, outcome: "skipped", code: "withdrawn", detail: "was asked", key: null },
    annotationsUsed: 2,
  });
  expect(withdrawnOutcome(milling([line]), met)).toBeNull();
  expect(withdrawnOutcome(milling([{ ...whole, member: "b.mp4" }]), met)).toBeNull();
});

it("of several samples only those that are withdrawn go, with their tokens, until the last one has gone", () => {
  const keys = [0, 1, 2].map((record) => `toy-p0000-000012-${record}`);
  const outcome = madeOf(keys);
  expect(withoutWithdrawn(milling([]), met, outcome)).toBe(outcome);
  const some = withoutWithdrawn(milling([line, { ...line, key: "toy-p0000-000012-0" }]), met, outcome);
  expect(some).toMatchObject({
    line: { outcome: "packed", key: "toy-p0000-000012-2" },
    tokens: { all: 3, loss: 2 },
  });
  expect(some.samples.map(({ key }) => key)).toEqual(["toy-p0000-000012-2"]);
  const none = withoutWithdrawn(milling(keys.map((key) => ({ ...line, key }))), met, outcome);
  expect(none).toMatchObject({ samples: [], line: { outcome: "skipped", code: "withdrawn", key: null } });
  expect(none.tokens).toBeUndefined();
});

it("a shard that was begun before something was withdrawn is not committed", async () => {
  await using folder = await tempFolder();
  const records = openRecords(await openStore(folder.path), build.dataset.name);
  const context = { build, records } as never;
  const begun = { context, withdrawn: await readWithdrawals({ build, records }) };
  await mustBeWithdrawnAsNow(begun, { plan, shard: "toy-p0000-0000" });
  await records.addWithdrawn([line]);
  await expect(mustBeWithdrawnAsNow(begun, { plan, shard: "toy-p0000-0000" })).rejects.toMatchObject({
    code: "record_invalid",
    retry: "later",
  });
});
