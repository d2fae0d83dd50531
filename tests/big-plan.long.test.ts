import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeClips } from "./support/make-clips.ts";
import { captionHeader, captionRow, membersOf, writeFiles } from "./support/openvid-mirror.ts";
import { startShardmill } from "./support/shardmill.ts";
import { zip } from "./support/zip.ts";

const members = 5_500;
const rows = 1_020_000;

/** A part and an annotation file of OpenVid's real size in names and rows; the clips are tiny. */
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-big-plan-"));
  const clips = await makeClips(4);
  const part = await zip(membersOf(0, clips, members).map((member) => ({ ...member, deflate: false })));
  await writeFiles(scratch, new Map([["OpenVid_part0.zip", part]]));
  await writeCaptions(join(scratch, "data/train/OpenVid-1M.csv"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** About 860 bytes a row, as the real file has; the part's own names lie scattered among the others. */
async function writeCaptions(path: string): Promise<void> {
  await mkdir(join(scratch, "data/train"), { recursive: true });
  const file = createWriteStream(path);
  const own = membersOf(0, [Buffer.alloc(0)], members).map(({ name }) => name.slice(name.indexOf("/") + 1));
  const filler = "a long description, with commas and more words, ".repeat(15);
  file.write(`${captionHeader}\n`);
  const every = Math.floor(rows / members);
  for (let i = 0; i < rows; i += 1) {
    const video = i % every === 0 ? (own[i / every] ?? `other_${i}.mp4`) : `other_${i}.mp4`;
    const row = captionRow(video).replace("A clip", `${filler} A clip`);
    if (!file.write(`${row}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

it("plans a part of 5,500 clips against 1.02 million captions in less than 1 GiB", async () => {
  const run = startShardmill([
    "plan",
    "openvid-1m",
    "--parts",
    "0",
    "--exact",
    "--json",
    "--source",
    scratch,
  ]);
  let peakKiB = 0;
  const watch = setInterval(() => {
    void readFile(`/proc/${run.child.pid}/status`, "utf8").then(
      (text) => {
        peakKiB = Math.max(peakKiB, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0));
      },
      () => undefined,
    );
  }, 100);
  const ended = await run.ended;
  clearInterval(watch);
  expect(ended.code, ended.stderr).toBe(0);
  const { parts } = JSON.parse(ended.stdout) as {
    parts: { members: number; samples: number; shards: number }[];
  };
  expect(parts).toEqual([expect.objectContaining({ members, samples: members, shards: 6 })]);
  console.log(`peak memory of the plan: ${Math.round(peakKiB / 1024)} MiB`);
  expect(peakKiB).toBeGreaterThan(50_000);
  expect(peakKiB).toBeLessThan(1_048_576);
});
