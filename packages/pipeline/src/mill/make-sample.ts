import { composeSampleJson, rowsName, type SampleMedia } from "@shardmill/catalogue";
import {
  basename,
  type Dataset,
  type MediaPool,
  type PartPlan,
  type PlannedMember,
  sampleKey,
  type TextPool,
} from "@shardmill/core";
import type { Sample } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import type { Work } from "../stream/stream-item.ts";
import { makePictures, type Pictures } from "./make-pictures.ts";
import { memberTexts, type NumberedText } from "./member-texts.ts";
import { keepsRaw, leftOut, type Outcome, packed, withoutText } from "./outcome.ts";

/** What makes pictures and tokens. */
export interface SampleTools {
  readonly pool: MediaPool;
  /** Null where texts stay as they are. */
  readonly texts: TextPool | null;
  readonly signal: AbortSignal;
}

/** The part that a member is of: its name and its files. */
export type OfPart = Pick<PartPlan, "subset" | "part" | "archive" | "pieces">;

/** A member whose pictures are made, in the part that it is of. */
interface MadeMember {
  readonly part: OfPart;
  readonly planned: PlannedMember;
  readonly pictures: Pictures;
}

/** One member to its sample(s): pictures through the media pool, text through the dataset's adapter, JSON. */
export async function makeSample(
  context: BuildContext,
  part: OfPart,
  { planned, streamed }: Work,
  tools: SampleTools,
): Promise<Outcome> {
  if (streamed.kind === "rejected") return leftOut(planned, streamed.rejection, 1);
  const texts = await memberTexts(context, { planned, streamed }, tools);
  if (texts.usable.length === 0) return withoutText(planned, texts.rejection);
  const made = await makePictures(context, streamed, tools);
  if (made.kind === "rejected") return leftOut(planned, made.rejection, made.attempts);
  const { pictures } = made;
  const samples = texts.usable.map((text) => composeSample(context, { part, planned, pictures }, text));
  return packed(planned, { samples, texts, pictures });
}

function composeSample(
  context: BuildContext,
  { part, planned, pictures }: MadeMember,
  { text, fields, record, turn, tokens }: NumberedText,
): Sample {
  const { keyPrefix } = context.dataset;
  const { files, media } = pictures;
  const { position } = planned;
  const key = sampleKey({ keyPrefix, part, position, record, turn });
  const videoId = videoIdOf(context.dataset, part, planned, media);
  const json = composeSampleJson(context.dataset, {
    part,
    member: planned.name,
    ...(videoId === null ? {} : { videoId }),
    // A placeholder shows nothing.
    frameCount: media.kind === "none" ? 0 : files.length,
    text,
    fields,
    media,
    tokens: tokens === undefined ? undefined : { made: tokens, keepRaw: keepsRaw(context) },
  });
  return { key, members: [...files, { suffix: "json", bytes: Buffer.from(json, "utf8") }] };
}

/**
 * Where a member has no file name to lose an extension of: a folder's name, the id in a row of links, and of a row that
 * has none its number behind the table's name. Null for a file.
 */
function videoIdOf(
  dataset: Dataset,
  { archive, pieces }: OfPart,
  { name, position, at }: PlannedMember,
  media: SampleMedia,
): string | null {
  if (archive === "parquet") return `${rowsName(dataset, pieces[0]?.path ?? "")}-${position}`;
  if (archive === "urls" || archive === "table") return typeof at.videoId === "string" ? at.videoId : name;
  return media.kind === "frames" ? basename(name) : null;
}
