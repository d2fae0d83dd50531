import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { askApi, base } from "../testing/ask-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import { buildDetailSchema, requestAnswerSchema } from "./contract/index.ts";

const asked = askApi();
const { post, get, states } = asked;

describe("retrying", () => {
  beforeEach(async () => {
    await writeOutput({
      root: asked.place.root,
      dataset: await catalogueDataset("openvid-1m"),
      samplesPerShard: 10,
      sourceFolder: join(asked.place.root, "mirror"),
      parts: [
        {
          part: 0,
          kind: "done",
          members: 30,
          left: { decode_error: 2, decode_timeout: 3, no_annotation: 1 },
        },
        { part: 1, kind: "partial", members: 40, left: { decode_timeout: 2 } },
        { part: 2, kind: "missing" },
        { part: 3, kind: "failed", members: 20 },
      ],
    });
  });

  it.each([
    [{ kind: "missing" }, ["p0001", "p0002"]],
    [{ kind: "failed" }, ["p0003"]],
    // The source is looked at: what the records of this output were made from never lay in that folder.
    [{ kind: "stale" }, ["p0000", "p0001"]],
    [{ kind: "parts", parts: "0-2" }, ["p0001", "p0002"]],
    [{ kind: "failed-samples" }, ["p0000", "p0001"]],
    [{ kind: "failed-samples", codes: ["decode_error"] }, ["p0000"]],
    [{ kind: "failed-samples", parts: "1" }, ["p0001"]],
    [{ kind: "missing", parts: "2-3" }, ["p0002"]],
  ])("%j lists what the command line lists", async (selection, expected) => {
    const answer = requestAnswerSchema.parse(await post(`${base}/retry`, { selection, dryRun: true }, 200));
    expect(answer.items.map(({ label }) => label)).toEqual(expected);
    expect((await asked.place.queue.counts()).plan.waiting).toBe(0);
  });

  it("what was never asked for takes all, is asked for then, and the page's numbers are those of the list", async () => {
    const { records } = await writeOutput({
      root: asked.place.root,
      dataset: await catalogueDataset("openvid-1m"),
      samplesPerShard: 10,
      sourceFolder: join(asked.place.root, "mirror"),
      asked: [6],
      parts: [
        { part: 5, kind: "missing" },
        { part: 6, kind: "missing" },
      ],
    });
    const listed = async (selection: object) => {
      const answer = await post(`${base}/retry`, { selection, dryRun: true }, 200);
      return requestAnswerSchema.parse(answer).items.map(({ label }) => label);
    };
    const { retries } = buildDetailSchema.parse(await get(base));
    const some = await listed({ kind: "missing" });
    const all = await listed({ kind: "missing", all: true });
    expect([some, retries.missing]).toEqual([["p0006"], 1]);
    expect([all, retries.missingOfAll]).toEqual([["p0005", "p0006"], 2]);
    await post(`${base}/retry`, { selection: { kind: "parts", parts: "p0005" } });
    expect((await records.readBuild())?.asked).toEqual({
      everything: false,
      parts: [
        { subset: null, part: 6 },
        { subset: null, part: 5 },
      ],
    });
  });

  it("a part that does not exist is 400, not an empty list", async () => {
    for (const parts of ["p0099", "99", "ai2d:0"]) {
      const problem = await post(`${base}/retry`, { selection: { kind: "missing", parts } }, 400);
      expect(problem).toMatchObject({
        code: "wrong_use",
        message: expect.stringContaining(`no part ${parts};`),
      });
    }
  });

  it("starts it, and the parts turn to queued", async () => {
    const selection = { kind: "failed-samples", codes: ["decode_timeout"] };
    expect(requestAnswerSchema.parse(await post(`${base}/retry`, { selection }))).toMatchObject({
      state: "queued",
      totals: { samples: 5 },
    });
    expect(await states()).toMatchObject({ p0000: "queued", p0001: "queued", p0002: "missing" });
    // What is queued already is not begun twice.
    expect(requestAnswerSchema.parse(await post(`${base}/retry`, { selection })).state).toBe("nothing_to_do");
  });

  it("leaves stale parts alone when a build is asked for, tells why, and makes them again when they are", async () => {
    const wish = { dataset: "openvid-1m", parts: "0-2", settings: ["samplesPerShard=10"] };
    for (const dryRun of [true, false]) {
      const answer = requestAnswerSchema.parse(
        await post("/api/builds", { ...wish, dryRun }, dryRun ? 200 : 202),
      );
      expect(answer.items.map(({ label }) => label)).toEqual(["p0002"]);
      expect(answer).toMatchObject({
        leftAlone: 0,
        stale: [
          { label: "p0000", why: expect.stringContaining("changed") },
          { label: "p0001", why: expect.stringContaining("OpenVid_part1.zip changed") },
        ],
      });
    }
    expect(await states()).toMatchObject({ p0000: "stale", p0001: "stale", p0002: "queued" });
    const other = await post(`${base}/retry`, { selection: { kind: "parts", parts: "0" } });
    expect(requestAnswerSchema.parse(other)).toMatchObject({
      state: "nothing_to_do",
      stale: [{ label: "p0000" }],
    });
    const cured = await post(`${base}/retry`, { selection: { kind: "stale", parts: "0" } });
    expect(requestAnswerSchema.parse(cured)).toMatchObject({ state: "queued", items: [{ label: "p0000" }] });
    expect(await states()).toMatchObject({ p0000: "queued", p0001: "stale" });
  });

  it.each([{ kind: "corrupt" }, { kind: "failed-samples", codes: ["no_such_code"] }, { kind: "parts" }, {}])(
    "refuses %j",
    async (selection) => {
      await post(`${base}/retry`, { selection }, 400);
    },
  );
});
