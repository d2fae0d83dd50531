import { tellingText } from "@shardmill/core";
import type { OutputFacts } from "@shardmill/mixes";
import { locatedFrames, openShard, readSampleJson, type SampleJson, tokensOfSample } from "@shardmill/shards";
import type { Store } from "@shardmill/store";
import { type Distribution, NumberTally, WordTally } from "./distribution.ts";
import type { SampleField, SheetFrame, SheetText } from "./set-facts.ts";

const sheetFrames = 12;
const sheetTextSigns = 240;

/** What some tars say of their samples. */
export interface TarsRead {
  readonly tars: number;
  readonly samples: number;
  readonly distributions: readonly Distribution[];
  readonly fields: readonly SampleField[];
  readonly sheet: readonly SheetFrame[];
  readonly sheetTexts: readonly SheetText[];
}

/** Of `shards` at most `most`, evenly over all of them and always the same. */
function evenly<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]).filter(
    (one): one is T => one !== undefined,
  );
}

/** Reads the JSON of every sample of at most `most` tars, and the middle frame of a dozen samples, or what they begin with. */
export async function readTars(
  store: Store,
  { name, shards, media }: OutputFacts,
  most: number,
  signal: AbortSignal,
): Promise<TarsRead> {
  const tally = new SampleTally();
  const sheet: SheetFrame[] = [];
  const sheetTexts: SheetText[] = [];
  const chosen = evenly(shards, most);
  const ofEach = Math.ceil(sheetFrames / Math.max(1, chosen.length));
  for (const { shard, samples, withdrawn } of chosen) {
    const gone = new Set(withdrawn.map(({ key }) => key));
    const shown = samples - gone.size;
    const wanted = new Set(
      evenly(
        Array.from({ length: shown }, (_, at) => at),
        ofEach,
      ),
    );
    await using tar = await openShard({ store, path: `${name}/${shard}.tar` });
    let at = 0;
    for await (const sample of without(gone, tar.list(signal))) {
      const json = await readSampleJson(tar, sample, shard);
      const frames = locatedFrames(sample.members, json);
      tally.add(frames.length, json);
      if (wanted.has(at) && sheet.length + sheetTexts.length < sheetFrames) {
        const frame = media === "none" ? undefined : frames[Math.floor((frames.length - 1) / 2)];
        if (frame !== undefined) sheet.push({ key: sample.key, jpeg: await tar.read(frame) });
        if (media === "none") sheetTexts.push({ key: sample.key, text: beginningOf(json) });
      }
      at += 1;
    }
  }
  return { tars: chosen.length, samples: tally.samples, ...tally.result(), sheet, sheetTexts };
}

async function* without<T extends { readonly key: string }>(
  gone: ReadonlySet<string>,
  samples: AsyncIterable<T>,
): AsyncGenerator<T> {
  for await (const sample of samples) if (!gone.has(sample.key)) yield sample;
}

function beginningOf(json: SampleJson): string {
  const signs = [...(tellingText(json) ?? "").slice(0, 2 * sheetTextSigns)];
  return signs.length <= sheetTextSigns ? signs.join("") : `${signs.slice(0, sheetTextSigns).join("")}…`;
}

/** Adds up samples, one at a time. */
class SampleTally {
  samples = 0;
  readonly #frames = new NumberTally();
  readonly #tenths = new NumberTally();
  readonly #tokens = new NumberTally();
  readonly #loss = new NumberTally();
  readonly #sizes = new WordTally();
  readonly #fields = new Map<string, SampleField>();

  add(frames: number, json: SampleJson): void {
    this.samples += 1;
    this.#frames.add(frames);
    const { duration, width, height } = json;
    if (typeof duration === "number") this.#tenths.add(Math.round(duration * 10));
    if (typeof width === "number" && typeof height === "number") this.#sizes.add(`${width}×${height}`);
    const tokens = tokensOfSample(json);
    if (tokens !== null) {
      this.#tokens.add(tokens.all);
      this.#loss.add(tokens.loss);
    }
    for (const [name, value] of Object.entries(json)) this.#note(name, value);
  }

  result(): { distributions: Distribution[]; fields: SampleField[] } {
    const distributions = [
      this.#frames.distribution("frames", "tars"),
      this.#tenths.distribution("duration", "tars", 10),
      this.#sizes.distribution("resolution", "tars"),
      this.#tokens.distribution("tokens", "tars"),
      this.#loss.distribution("loss", "tars"),
    ];
    return {
      distributions: distributions.filter((one): one is Distribution => one !== null),
      fields: [...this.#fields.values()],
    };
  }

  /** A value that is null says nothing of its type, and one of an object no more than that it is one. */
  #note(name: string, value: unknown): void {
    const isList = Array.isArray(value);
    const type = typeOf(isList ? value[0] : value);
    const known = this.#fields.get(name);
    if (type === null) return;
    if (known === undefined) this.#fields.set(name, { name, type, isList });
    else if (known.type === "integer" && type === "float") this.#fields.set(name, { ...known, type });
  }
}

function typeOf(value: unknown): SampleField["type"] | null {
  switch (typeof value) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : "float";
    default:
      return null;
  }
}
