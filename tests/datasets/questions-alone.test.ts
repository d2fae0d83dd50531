import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { statusOf } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-questions-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const asked = (video: string) => ({ video, question: "What?", candidates: ["a", "b"], answer: "b" });

it("a benchmark of which somebody has the questions alone tells each of them, and is no failure", async () => {
  const files = { "1_plotQA": [asked("a.mp4"), asked("b.mp4"), asked("a.mp4")], "3_ego": [asked("a.mp4")] };
  const source = await writeFiles(
    join(scratch, "source"),
    new Map(
      Object.entries(files).map(([task, records]) => [
        `MLVU/json/${task}.json`,
        Buffer.from(JSON.stringify(records)),
      ]),
    ),
  );
  const out = join(scratch, "out");
  const ended = await shardmill(["build", "mlvu", "--source", source, "--out", out]);
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(ended.stdout).toContain("4 questions media_not_fetched");
  const { parts, totals } = await statusOf("mlvu", out);
  expect(parts.map(({ label, state, error }) => [label, state, error?.code])).toEqual([
    ["1_plotqa-p0000", "absent", "media_not_fetched"],
    ["3_ego-p0000", "absent", "media_not_fetched"],
  ]);
  expect(totals).toMatchObject({ notFetched: 4, samples: 0 });
  const { questions } = await shardmillJson<{ questions: unknown }>(["failures", "mlvu", "--out", out]);
  expect(questions).toEqual([
    { subset: "1_plotQA", media: "a.mp4", questions: 2 },
    { subset: "1_plotQA", media: "b.mp4", questions: 1 },
    { subset: "3_ego", media: "a.mp4", questions: 1 },
  ]);
});
