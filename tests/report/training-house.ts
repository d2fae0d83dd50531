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
import { type Ended, shardmill } from "../support/shardmill.ts";

/** Outputs by the stage that trains on them. */
export type Stages = Readonly<Record<string, readonly string[]>>;

interface Wanted {
  readonly stages: Stages;
  readonly evaluation?: readonly string[];
  /** Whose conditions are accepted; of all where nothing is said. */
  readonly accepts?: (name: string) => boolean;
}

/** What of SmolTalk each stage has. */
export const textRows: Readonly<Record<string, string>> = {
  "smoltalk-stage1": "0-2",
  "smoltalk-stage2": "3-5",
  "smoltalk-stage3": "6-8",
};
/** The loss of stage 1 is on all tokens, of the others on answers. */
const textRecipes: Readonly<Record<string, string>> = { "smoltalk-stage1": "seed-stage1-text" };

/** Small copies of what stages train on and are evaluated with, built as those want them. */
export class TrainingHouse {
  readonly scratch: string;
  /** What each build said, by its output. */
  readonly said = new Map<string, Ended>();
  readonly #wanted: Wanted;

  private constructor(scratch: string, wanted: Wanted) {
    this.scratch = scratch;
    this.#wanted = wanted;
  }

  get out(): string {
    return join(this.scratch, "out");
  }

  static async open(wanted: Wanted): Promise<TrainingHouse> {
    const house = new TrainingHouse(await mkdtemp(join(tmpdir(), "shardmill-training-")), wanted);
    const tokenizer = smallTokenizer("A question and its answer. What is shown? Describe this.");
    await mkdir(join(house.scratch, "tokenizer"));
    await writeFile(join(house.scratch, "tokenizer/tokenizer.json"), tokenizer.tokenizer);
    await writeFile(join(house.scratch, "tokenizer/tokenizer_config.json"), tokenizer.config ?? "{}");
    const clips = await makeClips(5);
    const web = await startSmallWeb();
    web.on("clip", (response) => void response.end(clips[0]));
    const [picture = Buffer.of()] = await makePictures(1);
    const media = { clips, webm: await makeWebm(), picture, web: web.base };
    const names = [...Object.values(wanted.stages).flat(), ...(wanted.evaluation ?? [])];
    try {
      for (const entry of [...trainingCases, ...benchmarkCases]) {
        const own = entry.name === "smoltalk" ? Object.keys(textRows) : [entry.name];
        const outputs = own.filter((output) => names.includes(output));
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
        this.said.set(output, ended);
      }
    } finally {
      await hub.close();
    }
  }

  #buildArgs({ name, args = [] }: EntryCase, output: string): string[] {
    const { stages, accepts = () => true } = this.#wanted;
    const stage = Object.entries(stages).find(([, sets]) => sets.includes(output))?.[0];
    const recipe = textRecipes[output] ?? `seed-${stage}`;
    const tokens = [
      ...["--recipe", recipe],
      ...["--set", `text.tokenizer=${join(this.scratch, "tokenizer")}`],
    ];
    const range = textRows[output];
    return [
      ...["build", name, "--out", this.out, "--workers", "2"],
      ...(accepts(name) ? ["--accept-terms"] : []),
      ...(stage === undefined ? args : tokens),
      ...(range === undefined ? [] : ["--as", output, "--set", `rows=${range}`]),
    ];
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }
}
