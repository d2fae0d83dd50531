import { afterEach, describe, expect, it, vi } from "vitest";
import { trialOf } from "../../testing/bucket.ts";
import { knownFaults, troubled } from "../../testing/s3-stand-in/s3-faults.ts";
import type { StandInMode } from "../../testing/s3-stand-in/stand-in-objects.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("the trial of a bucket", () => {
  it.each<[string, StandInMode]>([
    ["does what AWS does", {}],
    [
      "takes tags without quotes only, wants lengths and lists two names a page",
      { tags: "unquoted", needsLength: true, pageSize: 2 },
    ],
  ])(
    "is passed by a store that %s, also with something wrong with every third request; nothing is left of it",
    async (_, mode) => {
      for (const ways of [[], Object.values(knownFaults)]) {
        await trialOf(mode, async (trial, standIn) => {
          standIn.plan = troubled(ways);
          const long = new Date(Date.now() - 48 * 3600 * 1000);
          const left = standIn.objects.put("out/put/.shardmill-trial-killed/new", Buffer.from("first"), {});
          standIn.objects.all.set("out/put/.shardmill-trial-killed/new", { ...left, modified: long });
          expect(await trial()).toEqual({ address: "s3://toy-bucket/out/put", lacking: null });
          expect(standIn.objects.all.size).toBe(0);
        });
      }
    },
  );

  it.each<[StandInMode, string]>([
    [
      { conditions: "ignored" },
      "it replaced an object that was put on condition that there is none (If-None-Match)",
    ],
    [{ conditions: "refused" }, "it has no such request as a put on condition (501)"],
    [{ conditions: "new-only" }, "it replaced an object that was another one by then (If-Match)"],
    [{ keepsMetadata: false }, "it does not keep what is said of an object (metadata)"],
    [{ keepsRanges: false }, "it does not read a range of an object"],
    [{ listsLate: 2 }, "it lists what is not there any more, or not what is there"],
  ])("is not passed with %o", async (mode, what) => {
    await trialOf(mode, async (trial, standIn) => {
      expect((await trial()).lacking).toMatchObject({
        code: "output_without_conditions",
        retry: "never",
        message: `this store cannot hold a build: ${what}`,
      });
      expect(standIn.objects.all.size).toBe(0);
    });
  });

  it.each<[StandInMode, string | null]>([
    [{}, null],
    [{ conditions: "ignored" }, null],
    [{ conditions: "new-only" }, null],
    [{ conditions: "refused" }, "it has no such request as a put on condition (501)"],
    [{ keepsMetadata: false }, "it does not keep what is said of an object (metadata)"],
    [{ listsLate: 2 }, "it lists what is not there any more, or not what is there"],
  ])("for a single writer asks for everything else with %o", async (mode, what) => {
    await trialOf(mode, async (trial, standIn) => {
      const { lacking } = await trial({ isSingleWriter: true });
      expect(lacking?.message ?? null).toBe(what && `this store cannot hold a build: ${what}`);
      expect(standIn.objects.all.size).toBe(0);
    });
  });

  it("says that a bucket answers from elsewhere", async () => {
    await trialOf({ redirects: true }, async (trial) => {
      await expect(trial()).rejects.toMatchObject({
        message: expect.stringContaining("the bucket is elsewhere"),
      });
    });
  });
});
