import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { tarIdentities } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { ChangedHouse, captionsCsv, picture, put } from "./changed-house.ts";
import { captionsOf, edited, kinds, made, members, verifyOf, walk } from "./changed-walk.ts";

/** The walks that the shorter test leaves out, and one caption of twenty thousand. */
let house: ChangedHouse;
beforeAll(async () => {
  house = await ChangedHouse.open();
});
afterAll(() => house.close());

describe("a source that changes between two builds", () => {
  it.each(["zips", "targzs"])("as a folder of %s: only the captions, then only one archive", async (name) => {
    const source = join(house.scratch, `source-${name}`);
    const change = async (files: Parameters<typeof put>[1]) => {
      await put(source, files);
      return null;
    };
    await walk(house, name, house.newOut(), change, ["--source", source], {});
  });

  it.each(["zips", "tars"])("as commits of a Hub with %s: the same", async (name) => {
    const hub = await startHubStandIn({ repo: "me/pictures", files: { "README.md": "" } });
    const environment = { HF_ENDPOINT: hub.endpoint };
    await walk(house, name, house.newOut(), async (files) => hub.commitFiles(files), [], environment);
    await hub.close();
  });

  it("by one caption of 20,000 in 12 parts has exactly one shard made again", async () => {
    const parts = 12;
    const all = 20_000;
    // Captions of 20,000; the archives hold the pictures of those that come first.
    const pictured = 3_600;
    const source = join(house.scratch, "source-many");
    const out = house.newOut();
    const bytes = await picture(3);
    const names = Array.from({ length: all }, (_, at) => `m_${at}.png`);
    for (let part = 0; part < parts; part += 1) {
      const own = names.slice(0, pictured).filter((_, at) => at % parts === part);
      await put(source, { [`part_${part}.zip`]: await zip(own.map((name) => ({ name, bytes }))) });
    }
    const captions = Object.fromEntries(names.map((name) => [name, `The picture ${name}.`]));
    await put(source, { "captions.csv": captionsCsv(captions) });
    const args = ["zips", "--out", out];
    const settings = ["--source", source, "--set", "samplesPerShard=60", "--set", "size=32"];
    const first = await house.run(["build", ...args, ...settings]);
    expect(first.code, first.stderr).toBe(0);
    const tars = tarIdentities(join(out, "zips"));
    expect(Object.keys(tars)).toHaveLength(parts * 5);
    await put(source, { "captions.csv": captionsCsv({ ...captions, "m_2345.png": "Another caption." }) });
    const stale = await house.run(["build", ...args, ...settings]);
    expect(stale.code, stale.stderr).toBe(1);
    expect(tarIdentities(join(out, "zips"))).toEqual(tars);
    const cured = await house.run(["retry", ...args, "--stale"]);
    expect(cured.code, cured.stderr).toBe(0);
    // m_2345 is the 196th of part 5.
    expect(made(tars, tarIdentities(join(out, "zips")))).toEqual(["zips-p0005-0003.tar"]);
    expect(house.captions("zips", out)).toMatchObject({
      "m_2345.png": "Another caption.",
      "m_2344.png": "The picture m_2344.png.",
    });
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
