import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { samplesByKey, statusOf } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";
import { nth } from "./fixtures/repository.ts";
import { vriptFiles } from "./fixtures/vript.ts";

/** The example of docs/datasets.md: scenes of untrimmed videos, by times that the user has. */
const docs = await readFile(new URL("../../docs/datasets.md", import.meta.url), "utf8");
const [, entry = ""] = /```yaml\n(name: vript-untrimmed\n.*?)```/s.exec(docs) ?? [];

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-untrimmed-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

it("scenes of Vript's untrimmed videos are clips, by a table of their times", async () => {
  const clips = await makeClips(4);
  // The longest, of three seconds at least.
  const video = await zip([{ name: "-AbC_d-1eFg.mp4", bytes: nth(clips, 3) }]);
  const hub = await startHubStandIn({
    repo: "Mutonix/Vript",
    files: { ...(await vriptFiles(clips)), "vript_long_videos/video_1_of_1095.zip": video },
  });
  const scenes = [
    [0, 1],
    ["00:00:01", 2.5],
  ].map(([start, end], at) => ({
    ...{ video_id: "-AbC_d-1eFg", clip_id: `-AbC_d-1eFg-Scene-00${at + 1}`, start, end },
    caption: { content: `Scene ${at + 1}.` },
  }));
  await mkdir(join(scratch, "scenes"));
  await writeFile(join(scratch, "scenes/scenes.jsonl"), scenes.map((one) => JSON.stringify(one)).join("\n"));
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  await writeFile(
    join(scratch, "config/shardmill/datasets/vript-untrimmed.yaml"),
    entry.replace("/data/vript-scenes", join(scratch, "scenes")),
  );
  const out = join(scratch, "out");
  try {
    const ended = await shardmill(["build", "vript-untrimmed", "--out", out, "--accept-terms"], {
      XDG_CONFIG_HOME: join(scratch, "config"),
      HF_ENDPOINT: hub.endpoint,
    });
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  } finally {
    await hub.close();
  }
  const samples = [...samplesByKey(join(out, "vript-untrimmed")).values()].map(({ json }) => json);
  expect(samples).toMatchObject([
    { caption: "Scene 1.", clip_id: "-AbC_d-1eFg-Scene-001", start: 0, end: 1, duration: 1, frame_count: 1 },
    {
      caption: "Scene 2.",
      clip_id: "-AbC_d-1eFg-Scene-002",
      start: 1,
      end: 2.5,
      duration: 1.5,
      frame_count: 2,
    },
  ]);
  expect((await statusOf("vript-untrimmed", out)).totals).toMatchObject({ unmatched: 0, samples: 2 });
});
