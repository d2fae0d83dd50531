import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { tarIdentities } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { ChangedHouse, captionsCsv, put } from "./changed-house.ts";
import { captionsOf, cure, edited, kinds, made, members, verifyOf, walk } from "./changed-walk.ts";

/** The source changes between two builds: nothing of the old passes for done, and only what differs is made again. */
vi.setConfig({ testTimeout: 300_000 });
let house: ChangedHouse;
beforeAll(async () => {
  house = await ChangedHouse.open();
}, 60_000);
afterAll(() => house.close());

describe("a source that changes between two builds", () => {
  it("as a folder of zips: only the captions, then only one archive", async () => {
    const source = join(house.scratch, "source-zips");
    const change = async (files: Parameters<typeof put>[1]) => {
      await put(source, files);
      return null;
    };
    await walk(house, "zips", house.newOut(), change, ["--source", source], {});
  });

  it("of one subset: the others stay, a new part is built, a copy is the same source, and what is gone is told", async () => {
    const source = join(house.scratch, "source-subsets");
    const out = house.newOut();
    const folder = join(out, "subsets");
    const jsonOf = (captions: Record<string, string>) =>
      JSON.stringify(Object.entries(captions).map(([name, caption]) => ({ name, caption })));
    await put(source, {
      "a/part_0.zip": await zip(await members(0)),
      "b/part_0.zip": await zip(await members(1)),
      "a.json": jsonOf(captionsOf()),
      "b.json": jsonOf(captionsOf()),
    });
    const build = (...args: string[]) =>
      house.run(["build", "subsets", "--out", out, "--source", source, ...args]);
    const first = await build();
    expect(first.code, first.stderr).toBe(0);
    const tars = tarIdentities(folder);

    await put(source, { "b.json": jsonOf(captionsOf(edited)), "a/part_1.zip": await zip(await members(1)) });
    const second = await build();
    expect(second.code, second.stderr).toBe(1);
    expect(second.stderr).toMatch(/b-p0000 is stale and left alone: b\.json changed/);
    expect(second.stderr).not.toContain("a-p0000 is stale");
    expect(second.stdout).toContain(cure("subsets", out));
    const states = async () =>
      Object.fromEntries(
        Object.values(await house.parts("subsets", out)).map(({ label, state }) => [label, state]),
      );
    expect(await states()).toEqual({ "a-p0000": "done", "a-p0001": "done", "b-p0000": "stale" });
    expect(made(tars, tarIdentities(folder)).every((tar) => tar.includes("a-p0001"))).toBe(true);

    // Whoever asks for it otherwise is told, and nothing is started.
    const before = tarIdentities(folder);
    for (const kind of [["--parts", "b:0"], ["--failed-samples"], ["--missing"]]) {
      const other = await house.run(["retry", "subsets", ...kind, "--out", out]);
      expect(other.code, other.stderr).toBe(1);
      expect(other.stderr).toContain(cure("subsets", out));
      expect(other.stdout).toContain("Nothing to start: what this asks for is stale.");
    }
    const alone = ["build", "subsets", "--parts", "b:0", "--out", out, "--source", source, "--json"];
    const json = await house.json<{ next: string[]; parts: { label: string; state: string }[] }>(alone);
    expect(json.next).toEqual([cure("subsets", out)]);
    expect(tarIdentities(folder)).toEqual(before);

    const copy = join(house.scratch, "copy-subsets");
    await cp(source, copy, { recursive: true });
    const cured = await house.run(["retry", "subsets", "--stale", "--source", copy, "--out", out]);
    expect(cured.code, cured.stderr).toBe(0);
    expect(made(before, tarIdentities(folder))).toEqual(["subsets-b-p0000-0001.tar"]);
    const now = tarIdentities(folder);
    const again = await house.run(["build", "subsets", "--source", source, "--out", out]);
    expect(again.code, again.stderr).toBe(0);
    expect(tarIdentities(folder)).toEqual(now);

    await rm(join(source, "a/part_1.zip"));
    const gone = await build();
    expect(gone.stderr).toMatch(/a-p0001: no longer at the source; 3 shards made of it before are kept/);
    expect(await house.parts("subsets", out)).toMatchObject({
      "a-p0001": {
        state: "absent",
        error: {
          code: "part_absent",
          detail: "no longer at the source; 3 shards made of it before are kept",
        },
      },
    });
    expect(tarIdentities(folder)).toEqual(now);
  });

  it("while only some parts are asked for: verify tells that two contents of one caption file are in use", async () => {
    const source = join(house.scratch, "source-mixed");
    const out = house.newOut();
    await put(source, { "captions.csv": captionsCsv(captionsOf()), ...(await kinds.zips?.()) });
    const build = (part: string) =>
      house.run(["build", "zips", "--parts", part, "--source", source, "--out", out]);
    expect((await build("0")).code).toBe(0);
    await put(source, { "captions.csv": captionsCsv(captionsOf(edited)) });
    const other = await build("1");
    expect(other.code, other.stderr).toBe(0);
    const verdict = await verifyOf(house, "zips", out);
    expect(verdict.problems.map(({ code }) => code)).toEqual(["annotations_differ"]);
    expect(verdict.problems[0]?.detail).toMatch(/captions\.csv: p0000 \| p0001.*retry --stale/);
    const cured = await house.run(["retry", "zips", "--stale", "--out", out]);
    expect(cured.code, cured.stderr).toBe(0);
    expect(await verifyOf(house, "zips", out)).toMatchObject({ ok: true });
  });

  it("is made again in what was asked for alone; what cannot be planned anew says why", async () => {
    const source = join(house.scratch, "source-clash");
    const out = house.newOut();
    const jsonOf = (captions: Record<string, string>) =>
      JSON.stringify(Object.entries(captions).map(([name, caption]) => ({ name, caption })));
    const archive = await zip(await members(0));
    await put(source, { "AI/part_0.zip": archive, "AI/part_1.zip": archive, "ai/part_0.zip": archive });
    await put(source, { "AI.json": jsonOf(captionsOf()), "ai.json": jsonOf(captionsOf()) });
    const first = await house.run(["build", "subsets", "--parts", "AI:0", "--source", source, "--out", out]);
    expect(first.code, first.stderr).toBe(0);

    await put(source, { "AI.json": jsonOf(captionsOf(edited)) });
    const cured = await house.run(["retry", "subsets", "--stale", "--out", out]);
    expect(cured.code, cured.stderr).toBe(0);
    const missing = ["retry", "subsets", "--missing", "--dry-run", "--out", out];
    expect(await house.json(missing)).toMatchObject({ items: [] });
    expect(await house.json([...missing, "--all"])).toMatchObject({ items: [{ label: "ai-p0001" }] });

    await put(source, { "AI.json": "<!DOCTYPE html><title>Not found</title>" });
    const failed = await house.run(["retry", "subsets", "--stale", "--out", out]);
    expect(failed.code, failed.stderr).toBe(1);
    const { state, error } = (await house.parts("subsets", out))["ai-p0000"] ?? {};
    expect(state).toBe("stale");
    expect(error).toMatchObject({ code: "annotations_invalid" });
    expect(error?.detail).toMatch(/AI\.json changed; it could not be planned anew: .*HTML/);
  });
});
