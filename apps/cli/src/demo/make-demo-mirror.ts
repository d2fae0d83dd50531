import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFfmpeg } from "@shardmill/media";
import { writeZip } from "./write-zip.ts";

/** What the demo planted: its accounts must come out as these. */
export interface DemoMirror {
  readonly folder: string;
  readonly parts: number;
  readonly members: number;
  readonly packed: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
}

const clipsPerPart = 8;
const run = promisify(execFile);

/** Clips that can be told apart by eye, of several lengths and shapes; the last is too short for fps=1. */
const scenes: readonly { readonly source: string; readonly seconds: number }[] = [
  { source: "testsrc2=size=426x240:rate=25", seconds: 4 },
  { source: "mandelbrot=size=320x240:rate=24", seconds: 3 },
  {
    source:
      "life=size=240x320:mold=10:rate=25:ratio=0.1:random_seed=1:death_color=#C83232:life_color=#00ff00",
    seconds: 5,
  },
  { source: "gradients=size=320x180:rate=30:speed=0.05:seed=7", seconds: 6 },
  { source: "cellauto=size=320x240:rate=25:seed=3", seconds: 3 },
  { source: "rgbtestsrc=size=320x240:rate=10", seconds: 2 },
  { source: "smptehdbars=size=320x180:rate=30", seconds: 3 },
  { source: "testsrc=size=320x240:rate=30", seconds: 0.3 },
];

/**
 * A small mirror laid out like the OpenVid repository: three zip parts, one of them in two pieces; captions with commas,
 * quotes and newlines; one truncated clip, one clip without a caption, one member that is no video.
 */
export async function makeDemoMirror(folder: string, signal: AbortSignal): Promise<DemoMirror> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "data/train"), { recursive: true });
  const clips = await makeClips(folder, signal);
  const rows: string[] = [
    "video,caption,aesthetic score,motion score,temporal consistency score,camera motion,frame,fps,seconds",
  ];
  for (let part = 0; part < 3; part += 1) {
    const members = clips.map((bytes, index) => ({
      name: `part${part}/${part === 1 ? "--" : ""}demo_${part}_${index}.mp4`,
      bytes,
    }));
    const truncated = members[2];
    if (part === 0 && truncated !== undefined)
      truncated.bytes = truncated.bytes.subarray(0, Math.floor(truncated.bytes.length * 0.4));
    members.forEach(({ name }, index) => {
      if (part === 1 && index === 4) return;
      rows.push(captionRow(name.slice(name.indexOf("/") + 1), index, scenes[index]?.seconds ?? 1));
    });
    if (part === 2) members.push({ name: "part2/README.txt", bytes: Buffer.from("Not a video.\n") });
    await writePart(folder, part, await writeZip(members));
  }
  rows.push(captionRow("a_clip_that_no_part_holds.mp4", 0, 3));
  await writeFile(join(folder, "data/train/OpenVid-1M.csv"), `${rows.join("\n")}\n`);
  const members = 3 * clipsPerPart + 1;
  return {
    folder,
    parts: 3,
    members,
    packed: members - 3,
    failed: { decode_truncated: 1 },
    skipped: { no_annotation: 1, not_media: 1 },
  };
}

async function makeClips(folder: string, signal: AbortSignal): Promise<Buffer[]> {
  const ffmpeg = await findFfmpeg();
  const clips: Buffer[] = [];
  for (const [index, { source, seconds }] of scenes.entries()) {
    const file = join(folder, `clip${index}.mp4`);
    const input = ["-f", "lavfi", "-i", source, "-t", String(seconds)];
    const output = [
      "-c:v",
      "libx264",
      "-preset",
      "veryfast",
      "-pix_fmt",
      "yuv420p",
      "-movflags",
      "+faststart",
      "-fflags",
      "+bitexact",
    ];
    await run(ffmpeg.path, ["-v", "error", "-y", ...input, ...output, file], { signal });
    clips.push(await readFile(file));
    await rm(file);
  }
  return clips;
}

/** The middle part is stored as `split -b` pieces, as 16 of OpenVid's parts are. */
async function writePart(folder: string, part: number, zip: Buffer): Promise<void> {
  if (part !== 1) return writeFile(join(folder, `OpenVid_part${part}.zip`), zip);
  const cut = Math.floor(zip.length * 0.6);
  await writeFile(join(folder, `OpenVid_part${part}_partaa`), zip.subarray(0, cut));
  await writeFile(join(folder, `OpenVid_part${part}_partab`), zip.subarray(cut));
}

function captionRow(video: string, scene: number, seconds: number): string {
  const words = [
    "moving test bars",
    "a slow dive into a fractal",
    "cells that live, grow and die",
    'colours that flow, "softly"',
    "an automaton\ndrawing lines",
  ];
  const caption = `Demo scene ${scene}, ${words[scene % words.length] ?? "colours"}, for ${seconds} s.`;
  const quoted = `"${caption.replaceAll('"', '""')}"`;
  return [
    video,
    quoted,
    "5.1",
    scene % 2 === 0 ? "3" : "",
    "0.98",
    "static",
    Math.round(seconds * 25),
    "25.0",
    seconds,
  ].join(",");
}
