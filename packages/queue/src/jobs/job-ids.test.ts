import { expect, it } from "vitest";
import { buildJobId, parseJobId, partJobId, shardJobId } from "./job-ids.ts";
import { buildRunSchema } from "./payloads.ts";

it("an id tells build, part, range and run", () => {
  const id = shardJobId("openvid-1m-7f3a", "ai2d-p0073", "0012", 3);
  expect(id).toBe("openvid-1m-7f3a--ai2d-p0073-0012-3");
  expect(parseJobId(id)).toEqual({
    id,
    build: "openvid-1m-7f3a",
    run: 3,
    what: "shard",
    label: "ai2d-p0073",
    range: "0012",
  });
  expect(parseJobId(partJobId("b", "p0001", 2))).toMatchObject({ what: "part", label: "p0001", range: null });
  expect(parseJobId(buildJobId("b", 2))).toMatchObject({ what: "build", label: null, run: 2 });
});

it("a part named build is still a part, and a supplement's range is one", () => {
  expect(parseJobId(partJobId("b", "build", 1))).toMatchObject({ what: "part", label: "build" });
  expect(parseJobId(shardJobId("b", "p0001", "r01", 1))).toMatchObject({ what: "shard", range: "r01" });
});

it("builds of which one's name begins with the other's stay apart", () => {
  expect(parseJobId(shardJobId("a", "b-p0001", "0000", 1))?.build).toBe("a");
  expect(parseJobId(shardJobId("a-b", "p0001", "0000", 1))?.build).toBe("a-b");
});

it("an id of another kind is none of ours", () => {
  for (const id of ["", "123", "b-p0001-0000-1", "b--p0001"]) expect(parseJobId(id)).toBeNull();
});

it("a request with names that an id cannot hold is refused", () => {
  const parts = [{ label: "p0001", subset: null, part: 1 }];
  const good = { build: "openvid-1m-7f3a", run: 1, dataset: "openvid-1m", parts };
  expect(buildRunSchema.safeParse(good).success).toBe(true);
  for (const build of ["a--b", "a:b", "", "-a", "a-", "a/b"]) {
    expect(buildRunSchema.safeParse({ ...good, build }).success).toBe(false);
  }
  expect(buildRunSchema.safeParse({ ...good, parts: [{ ...parts[0], label: "P 1" }] }).success).toBe(false);
});
