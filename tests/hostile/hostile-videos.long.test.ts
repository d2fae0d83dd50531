import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { ffmpeg, makeClips } from "../support/make-clips.ts";
import { hangCanaries } from "./canaries.ts";
import { captionedEntry } from "./captioned-entry.ts";
import { withExternalData } from "./external-data.ts";
import { HostileHouse } from "./hostile-house.ts";
import { rawTar } from "./raw-tar.ts";
import { type HostileClip, hostileClips } from "./video-corpus.ts";

/** Clips that mean harm, through both decoders, watched from the archive to the shard. */

const entry = captionedEntry("video", '[{ archive: tar, path: "clips_{part}.tar" }]');
const decoders = ["libav", "process"];
const datasetOf = (decoder: string) => `hostile-${decoder}`;

let house: HostileHouse;
let clips: readonly HostileClip[];

beforeAll(async () => {
  house = await HostileHouse.open();
  clips = hostileClips(house.canaries);
  const captions = clips.map(({ name }) => `${JSON.stringify({ file: name, text: "A clip." })}\n`);
  const files = new Map([
    ["clips_1.tar", rawTar(clips.map(({ name, bytes }) => ({ name, data: bytes })))],
    ["captions.jsonl", Buffer.from(captions.join(""))],
  ]);
  for (const decoder of decoders) {
    await house.build(datasetOf(decoder), entry, files, ["--set", `decoder=${decoder}`]);
    expect(house.ended.code, house.ended.stderr).toBe(1);
  }
});

afterAll(() => house.close());

describe("a build of hostile clips", () => {
  it.each(decoders)("gives every clip its code, and harms no neighbour: %s", (decoder) => {
    const fates = house.fates(datasetOf(decoder), "p0001");
    const wrong = clips.filter(({ name, fate }) => !fate.test(fates[name] ?? "no line"));
    expect(wrong.map(({ name, fate }) => `${name}: expected ${fate.source}, found ${fates[name]}`)).toEqual(
      [],
    );
    expect(Object.keys(fates).length).toBe(clips.length);
  });

  it("balances its books, writes nothing outside, opens nothing and calls nobody", () =>
    house.expectSound(...decoders.map(datasetOf)));
});

describe("the watch over a build", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "shardmill-watch-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("sees a file that is opened and an address that is called, by a decoder that is allowed to", async () => {
    const canaries = await hangCanaries(folder);
    try {
      const [clip = Buffer.of()] = await makeClips(1);
      const file = join(folder, "clip.mov");
      writeFileSync(file, withExternalData(clip, canaries.path));
      const allowed = ["-enable_drefs", "1", "-use_absolute_path", "1"];
      const run = promisify(execFile)(ffmpeg, ["-nostdin", ...allowed, "-i", file, "-f", "null", "-"]);
      await run.catch(() => undefined);
      await until("the file seen", () => canaries.touched().includes(canaries.path));
      const socket = connect(canaries.port, "127.0.0.1");
      await until("the address seen", () => canaries.touched().includes(canaries.url));
      socket.destroy();
    } finally {
      await canaries.close();
    }
  });
});
