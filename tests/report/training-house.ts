import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { benchmarkCases } from "../datasets/fixtures/benchmark-cases.ts";
import { type EntryCase, type EntryMedia, repoOf } from "../datasets/fixtures/entry-case.ts";
import { makePictures } from "../datasets/fixtures/pictures.ts";
import { startSmallWeb } from "../datasets/fixtures/small-web.ts";
import { trainingCases } from "../datasets/fixtures/training-cases.ts";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips, makeWebm } from "../support/make-clips.ts";
import { shardmill } from "../support/shardmill.ts";

/** The outputs of the stages that are told. */
export const stages: Readonly<Record<string, readonly string[]>> = {
  stage1: ["openvid-1m", "webvid", "smoltalk-stage1"],
  dpo: ["rlaif-v"],
};
export const evaluation = ["mvbench"];

const rows: Readonly<Record<string, string>> = { "smoltalk-stage1": "0-2" };

/** Small copies of what some stages train on and are evaluated with, built as those want them. */
export class TrainingHouse {
  readonly scratch: string;

  private constructor(scratch: string) {
    this.scratch = scratch;
  }

  get out(): string {
    return join(this.scratch, "out");
  }

  static async open(): Promise<TrainingHouse> {
    const house = new TrainingHouse(await mkdtemp(join(tmpdir(), "shardmill-report-")));
    const tokenizer = smallTokenizer("A question and its answer. What is shown? Describe this.");
    await mkdir(join(house.scratch, "tokenizer"));
    await writeFile(join(house.scratch, "tokenizer/tokenizer.json"), tokenizer.tokenizer);
    await writeFile(join(house.scratch, "tokenizer/tokenizer_config.json"), tokenizer.config ?? "{}");
    const clips = await makeClips(5);
    const web = await startSmallWeb();
    web.on("clip", (response) => void response.end(clips[0]));
    const [picture = Buffer.of()] = await makePictures(1);
    const media = { clips, webm: await makeWebm(), picture, web: web.base };
    try {
      const names = new Set([...Object.values(stages).flat(), ...evaluation]);
      for (const entry of [...trainingCases, ...benchmarkCases]) {
        const outputs =
          entry.name === "smoltalk" ? Object.keys(rows) : names.has(entry.name) ? [entry.name] : [];
        if (outputs.length > 0) await house.#build(entry, outputs, media);
      }
    } finally {
      await web.close();
    }
    return house;
  }

  async #build(entry: EntryCase, outputs: readonly string[], media: EntryMedia): Promise<void> {
    const hub = await startHubStandIn({ repo: repoOf(entry.name) ?? "", files: await entry.files(media) });
    try {
      for (const output of outputs) {
        const ended = await shardmill(this.#buildArgs(entry, output), {
          SHARDMILL_ALLOW_PRIVATE_URLS: "1",
          HF_ENDPOINT: hub.endpoint,
        });
        if (ended.code !== entry.code) throw new Error(`${output}: ${ended.stdout}${ended.stderr}`);
      }
    } finally {
      await hub.close();
    }
  }

  #buildArgs({ name, args = [] }: EntryCase, output: string): string[] {
    const stage = Object.entries(stages).find(([, sets]) => sets.includes(output))?.[0];
    const recipe = output === "smoltalk-stage1" ? "seed-stage1-text" : `seed-${stage}`;
    const tokens = [
      ...["--recipe", recipe],
      ...["--set", `text.tokenizer=${join(this.scratch, "tokenizer")}`],
    ];
    const range = rows[output];
    return [
      ...["build", name, "--out", this.out, "--workers", "2", "--accept-terms"],
      ...(stage === undefined ? args : tokens),
      ...(range === undefined ? [] : ["--as", output, "--set", `rows=${range}`]),
    ];
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }
}
