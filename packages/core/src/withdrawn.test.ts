import { expect, it } from "vitest";
import { aDataset } from "../testing/records.ts";
import { Withdrawals, type WithdrawnLine } from "./withdrawn.ts";

const nothing: WithdrawnLine = {
  ...{ key: null, member: null, within: null, group: null },
  ...{ reason: null, by: null, at: "2026-11-27" },
};
const dataset = aDataset({
  annotations: { kind: "files", files: [{ path: "a.csv", format: "csv" }], key: "name", match: ["basename"] },
});
const part = { subset: null, part: 0 };
const other = { subset: null, part: 3 };
const clip: WithdrawnLine = {
  ...nothing,
  key: "toy-p0000-000012",
  member: "clips/a.mp4",
  within: { subset: null, part: null },
};

it("a sample stays away by its member where positions and parts have moved, and its key is given to nothing else", () => {
  const gone = new Withdrawals(dataset, [clip]);
  expect(gone.whole({ name: "elsewhere/a.mp4", part: other })).toBe(clip);
  expect(gone.sample("toy-p0003-000099", { name: "a.mp4", part: other })).toBe(clip);
  expect(gone.whole({ name: "clips/b.mp4", part })).toBeNull();
  expect(gone.sample("toy-p0000-000012", { name: "clips/b.mp4", part })).toBe(clip);
  expect(gone.sample("toy-p0000-000013", { name: "clips/b.mp4", part })).toBeNull();
});

it("a name that is its part's own means nothing in another part or subset", () => {
  const gone = new Withdrawals(dataset, [{ ...clip, within: part }]);
  expect(gone.whole({ name: "clips/a.mp4", part })).not.toBeNull();
  expect(gone.whole({ name: "clips/a.mp4", part: other })).toBeNull();
  expect(gone.whole({ name: "clips/a.mp4", part: { subset: "b", part: 0 } })).toBeNull();
});

it("one of several samples takes no other with it, and the same one where positions have moved", () => {
  const gone = new Withdrawals(dataset, [{ ...clip, key: "toy-p0000-000012-1-t2" }]);
  const met = { name: "clips/a.mp4", part };
  expect(gone.whole(met)).toBeNull();
  expect(gone.touches(met, "toy-p0000-000020-0-t0")).toBe(true);
  expect(gone.sample("toy-p0000-000020-1-t2", met)).not.toBeNull();
  expect(gone.sample("toy-p0000-000020-1-t0", met)).toBeNull();
});

it("in an output that is made from another one the key is the member, and turns that are made apart go with it", () => {
  const gone = new Withdrawals(dataset, [clip]);
  expect(gone.whole({ name: "toy-p0000-000012", part })).toBe(clip);
  expect(gone.sample("toy-p0000-000012-t1", { name: "toy-p0000-000012", part })).toBe(clip);
  const turn = { ...clip, key: "toy-p0000-000012-t1", member: "toy-p0000-000012", within: part };
  const one = new Withdrawals(dataset, [turn]);
  expect(one.whole({ name: "toy-p0000-000012", part })).toBeNull();
  expect(one.sample("toy-p0000-000012-t0", { name: "toy-p0000-000012", part })).toBeNull();
  expect(one.sample("toy-p0000-000012-t1", { name: "toy-p0000-000012", part })).toBe(turn);
});

it("a group takes what is recorded as its own, and what its name tells before it is made", () => {
  const rule = { prefix: "yt", names: ["{youtube}_{n}"] };
  const gone = new Withdrawals({ ...dataset, group: [rule] }, [{ ...nothing, group: "yt:abcdefghijk" }]);
  expect(gone.whole({ name: "x/abcdefghijk_4.mp4", part })).not.toBeNull();
  expect(gone.whole({ name: "x/lmnopqrstuv_4.mp4", part })).toBeNull();
  expect(gone.whole({ name: "toy-p0000-000001", part, group: "yt:abcdefghijk" })).not.toBeNull();
});
