import { composeSampleJson, rowsName, type SampleMedia } from "@shardmill/catalogue";
import {
  basename,
  type ClipRemark,
  type Dataset,
  type FrameSettings,
  type ImageResult,
  type LedgerLine,
  type MediaPool,
  outcomeOf,
  type PartPlan,
  type PlannedMember,
  type Rejection,
  reject,
  type StreamedMember,
  sampleKey,
  type TextPool,
  type TokenCounts,
} from "@shardmill/core";
import type { Sample, SampleMember } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import { leftOutLine } from "../plan/judge-members.ts";
import type { Work } from "../stream/stream-item.ts";
import { memberTexts, type NumberedText } from "./member-texts.ts";

/** What became of a member: its samples (none when it is left out) and its line in the ledger. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly line: LedgerLine;
  readonly annotationsUsed: number;
  readonly seconds: number;
  /** Of samples with tokens. */
  readonly tokens?: TokenCounts | undefined;
  /** Of a clip that is packed; none where left out. */
  readonly remarks?: readonly ClipRemark[];
}

interface Pictures {
  readonly files: readonly SampleMember[];
  readonly media: SampleMedia;
  readonly seconds: number;
  readonly attempts: number;
  readonly remarks?: readonly ClipRemark[];
}

type PicturesResult =
  | { readonly kind: "pictures"; readonly pictures: Pictures }
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

/** What makes pictures and tokens. */
interface SampleTools {
  readonly pool: MediaPool;
  /** Null where texts stay as they are. */
  readonly texts: TextPool | null;
  readonly signal: AbortSignal;
}

/** The part that a member is of: its name and its files. */
type OfPart = Pick<PartPlan, "subset" | "part" | "archive" | "pieces">;

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
  if (texts.usable.length === 0) {
    const rejection = texts.rejection ?? reject("no_annotation", "no record");
    const outcome = leftOut(planned, rejection, 1);
    // Records that no tokens are made of are not records without a member.
    return rejection.code === "no_annotation"
      ? outcome
      : { ...outcome, annotationsUsed: planned.records.length };
  }
  const made = await makePictures(context, streamed, tools.pool, tools.signal);
  if (made.kind === "rejected") return leftOut(planned, made.rejection, made.attempts);
  const { pictures } = made;
  const samples = texts.usable.map((text) => composeSample(context, { part, planned, pictures }, text));
  return {
    samples,
    line: {
      position: planned.position,
      member: planned.name,
      outcome: "packed",
      key: samples[0]?.key ?? null,
      code: null,
      detail: texts.detail,
      attempt: pictures.attempts,
      frames: pictures.files.length,
    },
    annotationsUsed: planned.records.length,
    seconds: pictures.seconds,
    tokens: texts.tokens,
    ...(pictures.remarks && { remarks: pictures.remarks }),
  };
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
    frameCount: files.length,
    text,
    fields,
    media,
    tokens: tokens === undefined ? undefined : { ...tokens, keepRaw: keepsRaw(context) },
  });
  return { key, members: [...files, { suffix: "json", bytes: Buffer.from(json, "utf8") }] };
}

function keepsRaw({ build }: BuildContext): boolean {
  const { text } = build.recipe;
  return text.format === "raw" || text.keepRaw;
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
  if (archive === "urls") return typeof at.videoId === "string" ? at.videoId : name;
  return media.kind === "frames" ? basename(name) : null;
}

function leftOut(planned: PlannedMember, rejection: Rejection, attempts: number): Outcome {
  const line = { ...leftOutLine(planned, rejection), attempt: attempts };
  return {
    samples: [],
    line,
    annotationsUsed: outcomeOf(rejection.code) === "failed" ? planned.records.length : 0,
    seconds: 0,
  };
}

async function makePictures(
  { build, dataset }: BuildContext,
  { content, name }: Extract<StreamedMember, { kind: "member" }>,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<PicturesResult> {
  const settings: FrameSettings = build.recipe;
  const media = dataset.media;
  switch (media) {
    case "video": {
      if (content.kind === "file") return makeClip({ name, bytes: content.bytes }, settings, pool, signal);
      const made = await makeImages({ name, images: content.images }, settings, pool, signal);
      return made.kind === "rejected" ? made : picturesOf(made, framesNamed, { kind: "frames" });
    }
    case "images": {
      const images = content.kind === "file" ? [content.bytes] : content.images;
      const made = await makeImages({ name, images }, settings, pool, signal);
      return made.kind === "rejected" ? made : picturesOf(made, picturesNamed, sizeOf(made.images));
    }
    default:
      return media satisfies never;
  }
}

async function makeClip(
  member: { readonly name: string; readonly bytes: Uint8Array },
  settings: FrameSettings,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<PicturesResult> {
  const clip = await pool.frames(member, settings, signal);
  if (clip.kind === "rejected") return clip;
  const { frames, timesS, info, complete, seconds, attempts, remarks } = clip;
  const media: SampleMedia = { kind: "clip", timesS, info, complete };
  return { kind: "pictures", pictures: { files: framesNamed(frames), media, seconds, attempts, remarks } };
}

type MadeImage = Extract<ImageResult, { kind: "image" }>;
type MadeImages = { readonly kind: "images"; readonly images: readonly MadeImage[] };

/** All pictures of a member, or why it is left out: one that is lacking or damaged would not be seen later. */
async function makeImages(
  { name, images }: { readonly name: string; readonly images: readonly (Uint8Array | null)[] },
  settings: FrameSettings,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<MadeImages | Extract<PicturesResult, { kind: "rejected" }>> {
  const rejected = (rejection: Rejection) => ({ kind: "rejected", rejection, attempts: 1 }) as const;
  const present = images.filter((image) => image !== null);
  if (images.length === 0) return rejected(reject("no_image", "the row's image column is empty"));
  if (present.length < images.length) {
    const detail = `${images.length - present.length} of ${images.length} images have no bytes in the row`;
    return rejected(reject("image_bytes_missing", detail));
  }
  const results = await Promise.all(present.map((bytes) => pool.image({ name, bytes }, settings, signal)));
  const made: MadeImage[] = [];
  for (const result of results) {
    if (result.kind === "rejected") return result;
    made.push(result);
  }
  return { kind: "images", images: made };
}

function picturesOf(
  { images }: MadeImages,
  named: (jpegs: readonly Uint8Array[]) => SampleMember[],
  media: SampleMedia,
): PicturesResult {
  const files = named(images.map(({ jpeg }) => jpeg));
  const attempts = Math.max(...images.map((image) => image.attempts));
  return { kind: "pictures", pictures: { files, media, seconds: 0, attempts } };
}

/** Size as in the source; several pictures have none in common. */
function sizeOf(images: readonly MadeImage[]): SampleMedia {
  const [only, second] = images;
  const size = only !== undefined && second === undefined ? only : { width: null, height: null };
  return { kind: "images", width: size.width, height: size.height };
}

/** A clip's frames are numbered, also where there is one. */
function framesNamed(jpegs: readonly Uint8Array[]): SampleMember[] {
  return jpegs.map((bytes, index) => ({ suffix: `${String(index).padStart(3, "0")}.jpg`, bytes }));
}

/** A picture of its own has no number. */
function picturesNamed(jpegs: readonly Uint8Array[]): SampleMember[] {
  const [only, second] = jpegs;
  return only !== undefined && second === undefined ? [{ suffix: "jpg", bytes: only }] : framesNamed(jpegs);
}
