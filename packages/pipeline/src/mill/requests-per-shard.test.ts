import { afterEach, expect, it, vi } from "vitest";
import { withBucket } from "../../../store/testing/bucket.ts";
import { ToyBuild } from "../../testing/toy-build.ts";
import { toyTools } from "../../testing/toy-tools.ts";
import { preparePart } from "../plan/prepare-part.ts";
import { millShard } from "./mill-shard.ts";

const signal = new AbortController().signal;
afterEach(() => void vi.unstubAllEnvs());

/** A commit is nine of them. */
const most = 19;

it("a shard in a bucket is nineteen requests, and sums are not made of all manifests for it", () =>
  withBucket({}, async (store, standIn) => {
    const toy = await ToyBuild.open();
    const context = await toy.context(store);
    const part = { subset: null, part: 0 };
    const tasks = await preparePart(context, part, { order: { kind: "missing" }, run: 1 }, signal);
    const worker = await toy.context(store);
    const tools = toyTools(context.build.toolchain);
    const asked: string[][] = [];
    for (const task of tasks) {
      standIn.requests.length = 0;
      const ends = await millShard(worker, { part, task }, tools, signal);
      expect(ends.map(({ kind }) => kind)).toEqual(["committed"]);
      asked.push(standIn.requests.map(({ verb }) => verb));
    }
    await toy.close();
    const [first = [], second = []] = asked;
    // The first one of a worker asks what there is, and what was withdrawn as well.
    expect(first.length).toBeLessThanOrEqual(most + 2);
    expect(second.length).toBe(most);
    const count = (verb: string): number => second.filter((one) => one === verb).length;
    // Supplements and drafts are listed; plan, members and manifest read, plan and withdrawals are asked once more before the commit, and those behind it.
    expect({ LIST: count("LIST"), GET: count("GET"), HEAD: count("HEAD"), PUT: count("PUT") }).toEqual({
      ...{ LIST: 2, GET: 5, HEAD: 5, PUT: 6 },
    });
  }));
