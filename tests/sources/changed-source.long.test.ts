import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { tarIdentities } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { ChangedHouse, captionsCsv, picture, put } from "./changed-house.ts";
import { made, walk } from "./changed-walk.ts";

/** The walks that the shorter test leaves out, and one caption of twenty thousand. */
vi.setConfig({ testTimeout: 900_000 });
let house: ChangedHouse;
beforeAll(async () => {
  house = await ChangedHouse.open();
}, 60_000);
afterAll(() => house.close());

describe("a source that changes between two builds", () => {
  it.each(["tars", "targzs"])("as a folder of %s: only the captions, then only one archive", async (name) => {
    const source = join(house.scratch, `source-${name}`);
    const change = async (files: Parameters<typeof put>[1]) => {
      await put(source, files);
      return null;
    };
    await walk(house, name, house.newOut(), change, ["--source", source], {});
  });

  it.each(["zips", "tars", "targzs"])("as commits of a Hub with %s: the same", async (name) => {
    const hub = await startHubStandIn({ repo: "me/pictures", files: { "README.md": "" } });
    const environment = { HF_ENDPOINT: hub.endpoint };
    await walk(house, name, house.newOut(), async (files) => hub.commitFiles(files), [], environment);
    await hub.close();
  });

  it("by one caption of 20,000 in 12 parts has exactly one shard made again", async () => {
    const parts = 12;
    const all = 20_000;
    const source = join(house.scratch, "source-many");
    const out = house.newOut();
    const bytes = await picture(3);
    const names = Array.from({ length: all }, (_, at) => `m_${at}.png`);
    for (let part = 0; part < parts; part += 1) {
      const own = names.filter((_, at) => at % parts === part);
      await put(source, { [`part_${part}.zip`]: await zip(own.map((name) => ({ name, bytes }))) });
    }
    const captions = Object.fromEntries(names.map((name) => [name, `The picture ${name}.`]));
    await put(source, { "captions.csv": captionsCsv(captions) });
    const args = ["zips", "--out", out];
    const settings = ["--source", source, "--set", "samplesPerShard=400", "--set", "size=32"];
    const first = await house.run(["build", ...args, ...settings]);
    expect(first.code, first.stderr).toBe(0);
    const tars = tarIdentities(join(out, "zips"));
    expect(Object.keys(tars)).toHaveLength(parts * 5);
    await put(source, { "captions.csv": captionsCsv({ ...captions, "m_12345.png": "Another caption." }) });
    const stale = await house.run(["build", ...args, ...settings]);
    expect(stale.code, stale.stderr).toBe(1);
    expect(tarIdentities(join(out, "zips"))).toEqual(tars);
    const cured = await house.run(["retry", ...args, "--stale"]);
    expect(cured.code, cured.stderr).toBe(0);
    // m_12345 is the 1029th of part 9.
    expect(made(tars, tarIdentities(join(out, "zips")))).toEqual(["zips-p0009-0002.tar"]);
    expect(house.captions("zips", out)).toMatchObject({
      "m_12345.png": "Another caption.",
      "m_12344.png": "The picture m_12344.png.",
    });
  });
});
