import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tarIdentities } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { ChangedHouse, put } from "./changed-house.ts";
import { captionsOf, cure, edited, made, members } from "./changed-walk.ts";

/** The source changes between two builds: nothing of the old passes for done, and only what differs is made again. */
let house: ChangedHouse;
beforeAll(async () => {
  house = await ChangedHouse.open();
});
afterAll(() => house.close());

describe("a source that changes between two builds", () => {
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
});
