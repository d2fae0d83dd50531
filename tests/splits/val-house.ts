import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { blob, duckdbParquet, quoted, rewrittenParquet } from "../datasets/fixtures/parquet.ts";
import { type SmallWeb, startSmallWeb } from "../datasets/fixtures/small-web.ts";
import { smoltalkFiles } from "../datasets/fixtures/smoltalk.ts";
import { tarGzOf } from "../datasets/fixtures/tar.ts";
import { ffmpeg } from "../support/make-clips.ts";
import { captionHeader, captionRow, openvidFiles } from "../support/openvid-mirror.ts";
import { shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

const run = promisify(execFile);
type Files = Readonly<Record<string, Uint8Array | string>>;

/** An id as YouTube's are. */
const youtube = (number: number): string => `video-${String(number).padStart(5, "0")}`;
const lavfi = (seed: number): string =>
  `life=size=80x60:rate=8:mold=10:ratio=0.3:seed=${seed}:life_color=#ffffff:death_color=#4060a0,boxblur=4`;
const llavaSubsets = ["0_30_s", "30_60_s", "1_2_m", "2_3_m"].map((length) => `${length}_youtube_v0_1`);

/** The five sets of Val 10K, small, with no video or picture twice but where a name says so. */
export class ValHouse {
  readonly scratch: string;
  readonly out: string;
  readonly #web: SmallWeb;

  private constructor(scratch: string, web: SmallWeb) {
    this.scratch = scratch;
    this.out = join(scratch, "out");
    this.#web = web;
  }

  static async open(): Promise<ValHouse> {
    const house = new ValHouse(await mkdtemp(join(tmpdir(), "shardmill-val-")), await startSmallWeb());
    const { tokenizer, config } = smallTokenizer("A question and its answer. What is shown? Describe this.");
    await house.#write("tokenizer", { "tokenizer.json": tokenizer, "tokenizer_config.json": config ?? "{}" });
    const webClips = new Map<string, Buffer>();
    for (const id of webvidIds) webClips.set(String(id), await house.clip(700 + id));
    house.#web.on("clip", (response, path) => {
      response.end(webClips.get(/(\d+)\.mp4$/.exec(path)?.[1] ?? ""));
    });
    const [openvid, llava] = [await house.#openvid(), await house.#llava()];
    const stage = (number: number): string[] => ["--recipe", `seed-stage${number}`];
    await Promise.all([
      house.#buildAll([
        ["openvid-1m", openvid, ...stage(1), "--parts", "0"],
        ["webvid", webvidFiles(house.#web.base), ...stage(1)],
        ["the-cauldron", { [cauldronFile("ai2d")]: await cauldronRows(range(0, 24)) }, ...stage(2)],
      ]),
      house.#buildAll([
        ["llava-video-178k", llava, ...stage(3)],
        ["smoltalk", await smoltalkFiles(), "--as", "smoltalk-stage1", "--recipe", "seed-stage1-text"],
      ]),
    ]);
    return house;
  }

  async #buildAll(all: readonly (readonly [string, Files, ...string[]])[]): Promise<void> {
    for (const [name, files, ...more] of all) await this.build(name, files, ...more);
  }

  /** An entry built from its files, with six samples to a shard. */
  async build(name: string, files: Files, ...more: string[]): Promise<void> {
    const as = more.includes("--as") ? (more[more.indexOf("--as") + 1] ?? name) : name;
    await this.#write(`source/${as}`, files);
    const ended = await shardmill(
      [
        ...["build", name, "--source", join(this.scratch, "source", as), "--out", this.out, "--accept-terms"],
        ...["--set", "samplesPerShard=6", "--set", `text.tokenizer=${join(this.scratch, "tokenizer")}`],
        ...["--workers", "1", ...more],
      ],
      { SHARDMILL_ALLOW_PRIVATE_URLS: "1" },
    );
    if (ended.code !== 0) throw new Error(`${as}: ${ended.stdout}${ended.stderr}`);
  }

  async #write(folder: string, files: Files): Promise<void> {
    for (const [path, bytes] of Object.entries(files)) {
      const file = join(this.scratch, folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  }

  /** A second that look like no other clip's, or like those of the same seed in another encoding. */
  async clip(
    seed: number,
    encoding = ["-c:v", "libx264", "-preset", "ultrafast"],
    size = "112x84",
  ): Promise<Buffer> {
    const file = join(this.scratch, `clip-${seed}.mp4`);
    const source = ["-f", "lavfi", "-i", lavfi(seed), "-t", "1", "-s", size];
    const options = [...encoding, "-pix_fmt", "yuv420p", "-threads", "1", "-fflags", "+bitexact"];
    await run(ffmpeg, ["-v", "error", "-y", ...source, ...options, file]);
    return readFile(file);
  }

  /** Eleven clips: of one video a clip in either shard, of another two in one; of a third LLaVA has one as well. */
  async #openvid(): Promise<Files> {
    const ids = [0, 1, 2, 3, 4, 5, 0, 6, 7, 8, 8];
    const members = [];
    for (const [at, id] of ids.entries())
      members.push({ name: `videos/${youtube(id)}_${at}_0to24.mp4`, bytes: await this.clip(at) });
    return Object.fromEntries(await openvidFiles([{ part: 0, members }]));
  }

  async #llava(): Promise<Files> {
    const files: Record<string, Uint8Array | string> = { "README.md": "" };
    for (const [at, subset] of llavaSubsets.entries()) {
      const ids = [at === 0 ? 1 : 100 + at, 110 + at, 120 + at];
      const clips = await Promise.all(ids.map((id) => this.clip(id + 300)));
      Object.assign(
        files,
        await llavaFiles(
          subset,
          ids.map((id, index) => [id, clips[index] ?? Buffer.of()] as const),
        ),
      );
    }
    return files;
  }

  async close(): Promise<void> {
    await this.#web.close();
    await rm(this.scratch, { recursive: true, force: true });
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A picture that looks like no other. */
function picture(number: number): Promise<Buffer> {
  const [width, height] = [64, 48];
  const pixels = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return 128 + 100 * Math.sin((x * (number + 1) + y * (at % 3)) / 50);
    }),
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

export const cauldronFile = (subset: string): string =>
  `${subset}/train-00000-of-00001-2ce340398c113b79.parquet`;

/** A row of The Cauldron for each picture, in that order. */
export async function cauldronRows(numbers: readonly number[]): Promise<Buffer> {
  const rows = [];
  for (const number of numbers) {
    const asked = `'user': ${quoted(`<image>What is ${number}?`)}, 'assistant': ${quoted(`Answer: ${number}`)}`;
    rows.push(
      `SELECT [{'bytes': ${blob(await picture(number))}, 'path': NULL::VARCHAR}] AS images, [{${asked}, 'source': 'x'}] AS texts`,
    );
  }
  return rewrittenParquet(await duckdbParquet(rows.join(" UNION ALL ")), 5);
}

/** A YouTube subset of LLaVA-Video: a caption and a question about each video. */
async function llavaFiles(subset: string, videos: readonly (readonly [number, Buffer])[]): Promise<Files> {
  const path = (id: number): string =>
    `liwei_youtube_videos/videos/youtube_video_2024/ytb_${youtube(id)}.mp4`;
  const records = (question: string, answer: string): string =>
    JSON.stringify(
      videos.map(([id]) => ({
        id: youtube(id),
        conversations: [
          { from: "human", value: `<image>\n${question}` },
          { from: "gpt", value: `${answer} ${id}.` },
        ],
        data_source: subset,
        video: path(id),
      })),
    );
  const length = subset.replace("_youtube_v0_1", "");
  return {
    [`${subset}/${subset}_videos_1.tar.gz`]: await tarGzOf(
      videos.map(([id, bytes]) => ({ name: path(id), bytes })),
    ),
    [`${subset}/${subset}_cap_processed.json`]: records("Describe the video.", "A long caption of"),
    [`${subset}/${length}_youtube_oe_v0_1_qa_processed.json`]: records("What happens?", "Something in"),
  };
}

const webvidIds = [501, 502, 503, 504] as const;

function webvidFiles(web: string): Files {
  const table = (ids: readonly number[]): string =>
    `videoid,contentUrl,duration,page_dir,name\n${ids.map((id) => `${id},${web}/clip/${id}.mp4,PT00H00M01S,1,"Shot ${id}"\n`).join("")}`;
  return {
    "data/train/partitions/0000.csv": table(webvidIds.slice(0, 2)),
    "data/train/partitions/0001.csv": table(webvidIds.slice(2)),
  };
}

/** A part of OpenVidHD with these clips. */
export async function openvidHdFiles(members: readonly { name: string; bytes: Buffer }[]): Promise<Files> {
  return {
    "data/train/OpenVidHD.csv": `${[captionHeader, ...members.map(({ name }) => captionRow(name))].join("\n")}\n`,
    "OpenVidHD/OpenVidHD.json": JSON.stringify([{ part1: members.map(({ name }) => name) }]),
    "OpenVidHD/OpenVidHD_part_1.zip": await zip(members),
  };
}
