import { rmSync } from "node:fs";
import { type ClipResult, defaultRecipe, type MediaIncident, type MediaPool } from "@shardmill/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accidentalFfmpeg, makeClip, readClip, testFfmpeg, testFolder } from "../../testing/make-clip.ts";
import { type MediaPoolOptions, openMediaPool } from "./open-media-pool.ts";

const settings = { ...defaultRecipe, decoder: "process" as const };
const never = new AbortController().signal;
const folder = testFolder();
const clips: { name: string; bytes: Uint8Array }[] = [];
let expected: ClipResult[] = [];
let incidents: MediaIncident[] = [];
let pool: MediaPool | null = null;

async function open(options: Partial<MediaPoolOptions>): Promise<MediaPool> {
  incidents = [];
  pool = await openMediaPool({
    size: 2,
    decoder: "process",
    ffmpegPath: testFfmpeg,
    onIncident: (incident) => incidents.push(incident),
    ...options,
  });
  return pool;
}

/** What a shard is made of: everything but the wall time and how often it was tried. */
function essence(result: ClipResult): unknown {
  return result.kind === "frames" ? { ...result, seconds: 0, attempts: 1 } : result;
}

async function all(from: MediaPool): Promise<unknown[]> {
  return (await Promise.all(clips.map((clip) => from.frames(clip, settings, never)))).map(essence);
}

beforeAll(async () => {
  for (const [index, rate] of ["25", "30", "24000/1001"].entries())
    clips.push(readClip(makeClip(folder, `clip-${index}.mp4`, { rate })));
  const clean = await open({});
  expected = (await Promise.all(clips.map((clip) => clean.frames(clip, settings, never)))).map(
    (result) => essence(result) as ClipResult,
  );
  expect(incidents).toEqual([]);
  await clean.close();
});

afterEach(async () => {
  await pool?.close();
  pool = null;
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("an accident from outside changes no byte and shows as an incident", () => {
  const accidents = [
    { name: "stop-ffmpeg", script: "kill -STOP $$", code: "decode_timeout" },
    { name: "kill-ffmpeg", script: "kill -9 $$", code: "decoder_crash" },
  ];
  for (const { name, script, code } of accidents) {
    it(`${name}: ${code}`, async () => {
      const ffmpegPath = accidentalFfmpeg(folder, { name, when: "*rawvideo*", times: 1, script });
      const opened = await open({ ffmpegPath, memoryLimitMb: 700, limits: { pollMs: 50 } });
      expect(await all(opened)).toEqual(expected);
      expect(incidents).toMatchObject([{ code, attempt: 1 }]);
    });
  }
});

describe("a clip that fails every attempt is left out, and its neighbours lose nothing", () => {
  const fates = [
    { name: "burn", script: "while :; do :; done", code: "decode_timeout" },
    { name: "hang", script: "sleep 600", code: "decode_timeout" },
  ];
  for (const { name, script, code } of fates) {
    it(`${name}: ${code}`, async () => {
      // Only the marked clip is unlucky: its settings are the only ones of this size.
      const when = "*scale=200:200*";
      const ffmpegPath = accidentalFfmpeg(folder, { name, when, times: 99, script });
      const limits = { cpuBaseS: 0.3, cpuPerMib: 0, cpuPerClipSecond: 0, wallFactor: 2, pollMs: 50 };
      const opened = await open({ ffmpegPath, limits });
      const unlucky = opened.frames(clips[0]!, { ...settings, size: 200 }, never);
      expect(await unlucky).toMatchObject({ kind: "rejected", rejection: { code }, attempts: 5 });
      expect(incidents.filter((incident) => incident.code === code)).toHaveLength(5);
    });
  }
});
