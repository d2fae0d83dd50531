import { type LedgerLine, recordVersion } from "@shardmill/core";
import { recordPaths, type Store } from "@shardmill/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import { withBucket } from "../../../store/testing/bucket.ts";
import { ToyBuild } from "../../testing/toy-build.ts";
import { toyTools } from "../../testing/toy-tools.ts";
import type { BuildContext } from "../context/build-context.ts";
import { collect } from "../plan/collect.ts";
import { preparePart } from "../plan/prepare-part.ts";
import { markAllWithdrawn } from "../withdrawn/mark-withdrawn.ts";
import { millShard } from "./mill-shard.ts";

const never = new AbortController().signal;
const part = { subset: null, part: 0 };
const shard = "toy-p0000-0000";
afterEach(() => void vi.unstubAllEnvs());

/** What a withdrawal does that runs while a worker is at it: the list, then whatever is committed. */
async function withdraw(context: BuildContext): Promise<void> {
  const by = { reason: null, by: "me", at: "2026-11-28T00:00:00.000Z" };
  await context.records.addWithdrawn([{ key: null, member: "0.png", group: null, within: null, ...by }]);
  await markAllWithdrawn(context, {}, never);
}

/** The store, in which something happens just before a path is placed for the first time. */
function before(store: Store, path: string, happens: () => Promise<void>): Store {
  const { conditional } = store;
  if (conditional === null) throw new Error("no bucket");
  let isDone = false;
  const watched: typeof conditional = {
    look: (one) => conditional.look(one),
    takeAway: (...paths) => conditional.takeAway(...paths),
    beginning: (start) => conditional.beginning(start),
    async place(one, data, how) {
      if (one === path && !isDone) {
        isDone = true;
        await happens();
      }
      return conditional.place(one, data, how);
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "conditional") return watched;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function ledger({ records }: BuildContext): Promise<LedgerLine[]> {
  return collect(records.readLedger(shard, never));
}

/** Mills the shard of the picture that is withdrawn just before `path` is placed; null where that fails. */
async function milledAround(store: Store, toy: ToyBuild, path: string) {
  const other = await toy.context(store);
  await preparePart(other, part, { order: { kind: "missing" }, run: 1 }, never);
  const context = await toy.context(before(store, path, () => withdraw(other)));
  const order = { part, task: { kind: "range", range: 0 } as const };
  const milled = millShard(context, order, toyTools(context.build.toolchain), never);
  return { context: other, order, milled };
}

describe("what is withdrawn while a worker makes it", () => {
  const paths = recordPaths("toy");

  it("while its tar is sent is not committed, and the next attempt makes the shard without", () =>
    withBucket({}, async (store) => {
      const toy = await ToyBuild.open();
      const { context, order, milled } = await milledAround(store, toy, paths.tar(shard));
      await expect(milled).rejects.toMatchObject({ code: "record_invalid", message: /were withdrawn while/ });
      expect((await context.records.readManifest(shard)).kind).toBe("absent");
      expect(await context.records.listDrafts(shard)).toEqual([]);
      const [end] = await millShard(context, order, toyTools(context.build.toolchain), never);
      expect(end).toMatchObject({ kind: "committed", manifest: { samples: 0, version: recordVersion } });
      expect(await ledger(context)).toMatchObject([{ outcome: "skipped", code: "withdrawn" }]);
      await toy.close();
    }));

  it("between the last look and the commit is marked by who committed it", () =>
    withBucket({}, async (store) => {
      const toy = await ToyBuild.open();
      const { context, milled } = await milledAround(store, toy, paths.manifest(shard));
      const marked = { samples: 1, withdrawn: [{ key: "toy-p0000-000000" }], counts: { packed: 0 } };
      expect(await milled).toMatchObject([{ kind: "committed", manifest: marked }]);
      expect(await context.records.readManifest(shard)).toMatchObject({ value: marked });
      expect(await ledger(context)).toMatchObject([{ outcome: "skipped", code: "withdrawn" }]);
      const index = Buffer.from((await store.read(paths.daliIndex(shard))) ?? []).toString("utf8");
      expect(index).toBe("v1.2 0\n");
      await toy.close();
    }));
});
