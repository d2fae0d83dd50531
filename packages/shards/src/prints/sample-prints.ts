import { createHash } from "node:crypto";
import type { MediaKind } from "@shardmill/core";
import { locatedFrames } from "../look/frames-of.ts";
import type { OpenShard } from "../look/open-shard.ts";
import { readSampleJson } from "../look/sample-json.ts";
import type { LocatedSample } from "../look/tar-header-walk.ts";
import { type FramePrint, flatFrame, unreadableFrame } from "./difference-hash.ts";

/** What a sample is known again by. */
export interface SamplePrints {
  readonly key: string;
  /** sha256 of its packed JPEGs, each once; of a clip those of the frames that have a print. */
  readonly pictures: readonly string[];
  /** Of a clip: its first, its middle and its last frame; of a clip of one frame thrice the same. */
  readonly frames: readonly FramePrint[];
}

/** A print of each picture that is asked for. */
export type PrintOf = (jpeg: Uint8Array) => Promise<FramePrint>;

export async function samplePrints(
  tar: OpenShard,
  sample: LocatedSample,
  { shard, media, printOf }: { readonly shard: string; readonly media: MediaKind; readonly printOf: PrintOf },
): Promise<SamplePrints> {
  const { key, members } = sample;
  const json = await readSampleJson(tar, sample, shard);
  const shown = json.is_text_only === true ? [] : locatedFrames(members, json);
  if (media !== "video") {
    const pictures = new Set<string>();
    for (const place of shown) pictures.add(sha256(await tar.read(place)));
    return { key, pictures: [...pictures], frames: [] };
  }
  if (shown.length === 0) return { key, pictures: [], frames: [] };
  const last = shown.length - 1;
  const chosen = [0, last >> 1, last];
  const prints = new Map<number, { readonly print: FramePrint; readonly sha256: string }>();
  for (const at of new Set(chosen)) {
    const place = shown[at];
    if (place === undefined) continue;
    const jpeg = await tar.read(place);
    prints.set(at, { print: await printOf(jpeg), sha256: sha256(jpeg) });
  }
  const telling = [...prints.values()].filter(
    ({ print }) => print !== flatFrame && print !== unreadableFrame,
  );
  return {
    key,
    pictures: [...new Set(telling.map(({ sha256: one }) => one))],
    frames: chosen.map((at) => prints.get(at)?.print ?? unreadableFrame),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
