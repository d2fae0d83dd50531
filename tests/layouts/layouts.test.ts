import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MediaPool } from "@shardmill/core";
import { millShard } from "@shardmill/pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMill } from "../faults/open-mill.ts";
import { findPython } from "../recount/recount.ts";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { shardmill } from "../support/shardmill.ts";
import { LayoutHouse, readWithPython } from "./layout-house.ts";

/** `layout`: an output beside another, with its pictures in other files. More of it: layouts.long.test.ts. */
const python = findPython();
if (python === null) console.warn("layouts: readers are skipped, for there is no python3 here");
let house: LayoutHouse;

beforeAll(async () => {
  house = await LayoutHouse.open();
  const built = await house.build(null);
  expect(built.code, built.stderr).toBe(0);
  const laidOut = await Promise.all([
    house.layout("packed", "clips-packed"),
    house.layout("fixed", "clips-fixed", "--frames", "2"),
  ]);
  expect(laidOut.map(({ code }) => code)).toEqual([0, 0]);
});
afterAll(() => house.close());

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const jpegs = ({ fields }: { readonly fields: ReadonlyMap<string, Buffer> }) =>
  [...fields].flatMap(([name, bytes]) => (name.endsWith("jpg") ? [sha256(bytes)] : []));

/** The frames and times of the output with a file for each, at most so many of each sample. */
function expectedFrames(most: number): Record<string, unknown> {
  return Object.fromEntries(
    [...samplesByKey(house.folder("openvid-1m"))].map(([key, sample]) => [
      key,
      [jpegs(sample).slice(0, most), (sample.json.frame_times as number[]).slice(0, most)],
    ]),
  );
}

interface ManifestRead {
  readonly tar: { readonly sha256: string };
  readonly [key: string]: unknown;
}

function manifestOf(output: string): ManifestRead {
  const path = `.shardmill/manifests/${output}-p0001-0000.json`;
  return JSON.parse(readFileSync(join(house.folder(output), path), "utf8")) as ManifestRead;
}

describe("an output that is laid out", () => {
  it("keeps books, says of each shard which one it was made of, and counts the frames that are shown", async () => {
    const { tar, samples, frames, durationMs } = manifestOf("openvid-1m");
    expect(manifestOf("clips-packed")).toMatchObject({
      origin: { dataset: "openvid-1m", shard: "openvid-1m-p0001-0000", sha256: tar.sha256 },
      ...{ samples, frames, durationMs },
      counts: { members: 6, packed: 6, failed: 0, skipped: 0 },
    });
    const parts = await partsByLabel("clips-packed", join(house.scratch, "out"));
    expect(parts.p0001).toMatchObject({ state: "done", members: 6, packed: 6 });
  });

  it.each(["clips-packed", "clips-fixed"])("is verified, frame by frame: %s", async (name) => {
    const { code, stdout } = await shardmill(["verify", house.folder(name), "--deep"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("no problem found")]);
  });

  it("is shown with its frames, its layout and a contact sheet", async () => {
    const [key] = [...samplesByKey(house.folder("openvid-1m")).keys()];
    const sheet = join(house.scratch, "sheet.png");
    const [listed, shown] = await Promise.all([
      shardmill(["inspect", house.shard("clips-fixed")]),
      shardmill(["inspect", house.shard("clips-packed"), String(key), "--sheet", sheet]),
    ]);
    expect(listed.stdout).toMatch(/6 samples, \d+ frames, layout fixed/);
    expect(shown.stdout).toMatch(/2 members \(\d+ frames, layout packed\)/);
    expect(shown.stdout).toContain("frame_offsets");
    expect(shown.stderr).toMatch(/sheet\.png: [1-9]\d* frames/);
  });

  it("says how it is loaded, to people, to the Hub's viewer and to Energon", () => {
    const read = (output: string, path: string) => readFileSync(join(house.folder(output), path), "utf8");
    expect(read("openvid-1m", "README.md")).not.toContain("configs:");
    for (const name of ["clips-packed", "clips-fixed"])
      expect(read(name, "README.md")).toMatch(/configs:[\s\S]*load_dataset\("webdataset"/);
    expect(existsSync(join(house.folder("clips-packed"), ".nv-meta/dataset-typed.yaml"))).toBe(false);
    expect(read("clips-fixed", ".nv-meta/interleaved_loader.py")).toContain('[: raw["json"]["frame_count"]]');
  });
});

describe("a shard", () => {
  /** Made again in this process, with a media pool that counts what it is asked. */
  async function asked(output: string): Promise<number> {
    const mill = await openMill(join(house.scratch, "out"), "http://127.0.0.1:1", { output });
    let calls = 0;
    const { pool } = mill.tools;
    const counted: MediaPool = {
      size: pool.size,
      frames: (...args) => pool.frames(...counting(args)),
      spans: (...args) => pool.spans(...counting(args)),
      image: (...args) => pool.image(...counting(args)),
      close: () => pool.close(),
    };
    function counting<T>(args: T): T {
      calls += 1;
      return args;
    }
    const before = manifestOf(output).tar.sha256;
    try {
      await mill.context.records.removeShard(`${output}-p0001-0000`);
      const ends = await millShard(
        mill.context,
        { part: { subset: null, part: 1 }, task: { kind: "range", range: 0 } },
        { ...mill.tools, pool: counted },
        new AbortController().signal,
      );
      expect(ends.map(({ kind }) => kind)).toEqual(["committed"]);
    } finally {
      await mill.close();
    }
    expect(manifestOf(output).tar.sha256).toBe(before);
    return calls;
  }

  it("is laid out without a call to a decoder or an encoder, which milling it asks once a clip", async () => {
    expect(await asked("openvid-1m")).toBe(6);
    expect([await asked("clips-packed"), await asked("clips-fixed")]).toEqual([0, 0]);
  });
});

describe.skipIf(python === null)("readers with Python's standard library", () => {
  const py = python ?? "python3";

  it("find one field set and one type for each key of the JSON, as datasets asks for", () => {
    expect(readWithPython(py, "schema", house.shard("clips-packed"))).toMatchObject({
      samples: 5,
      fields: ["frames.bin", "json"],
      json: { frame_count: "int", frame_times: ["float"], frame_offsets: ["int"] },
    });
    expect(readWithPython(py, "schema", house.shard("clips-fixed"))).toMatchObject({
      samples: 5,
      fields: ["000.jpg", "001.jpg", "json"],
      json: { frame_count: "int", frame_times: ["float"], frame_padding: "int" },
    });
  });

  it("refuse frames of clips of unlike lengths", () => {
    expect(readWithPython(py, "schema", house.shard("openvid-1m"))).toEqual({
      refused: "the samples do not have the same fields",
    });
  });

  it.each([
    ["clips-packed", 64],
    ["clips-fixed", 2],
  ])("get frames and times back, byte for byte: %s", (name, most) => {
    const read = readWithPython(py, "frames", house.shard(name), house.shard(name, 1));
    expect(read).toEqual(expectedFrames(most));
  });
});
