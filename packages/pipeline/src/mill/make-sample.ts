import { composeSampleJson, type SampleMedia, sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  basename,
  type ClipRemark,
  type FrameSettings,
  type LedgerLine,
  type MediaPool,
  outcomeOf,
  type PartId,
  type PlannedMember,
  type Rejection,
  reject,
  type StreamedMember,
  sampleKey,
} from "@shardmill/core";
import type { BuildContext } from "../build/context.ts";
import { leftOutLine } from "../plan/judge-members.ts";

/** A member on its way: what the plan knows of it, and what came out of the archive. */
export interface Work {
  readonly planned: PlannedMember;
  readonly streamed: StreamedMember;
}

interface SampleFile {
  /** `000.jpg`, `jpg` or `json`. */
  readonly suffix: string;
  readonly bytes: Uint8Array;
}

interface Sample {
  readonly key: string;
  readonly members: readonly SampleFile[];
}

/** What became of a member: its samples (none when it is left out) and its line in the ledger. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly line: LedgerLine;
  readonly annotationsUsed: number;
  readonly seconds: number;
  /** Of a clip that is packed; none where left out. */
  readonly remarks?: readonly ClipRemark[];
}

interface Pictures {
  readonly files: readonly SampleFile[];
  readonly media: SampleMedia;
  readonly seconds: number;
  readonly attempts: number;
  readonly remarks?: readonly ClipRemark[];
}

type PicturesResult =
  | { readonly kind: "pictures"; readonly pictures: Pictures }
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

/** One member to its sample(s): pictures through the media pool, text through the dataset's adapter, JSON. */
export async function makeSample(
  context: BuildContext,
  part: PartId,
  { planned, streamed }: Work,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<Outcome> {
  if (streamed.kind === "rejected") return leftOut(planned, streamed.rejection, 1);
  const records = recordsOf(planned, streamed);
  const groups = context.build.recipe.records === "each" ? records.map((record) => [record]) : [records];
  const texts = groups.map((group) => sampleText(context.dataset, group));
  const usable = texts.flatMap((text, record) => (text.kind === "ok" ? [{ ...text, record }] : []));
  const unusable = texts.find((text) => text.kind === "rejected");
  if (usable.length === 0) {
    return leftOut(
      planned,
      unusable?.kind === "rejected" ? unusable.rejection : reject("no_annotation", "no record"),
      1,
    );
  }
  const made = await makePictures(context, streamed, pool, signal);
  if (made.kind === "rejected") return leftOut(planned, made.rejection, made.attempts);
  const { pictures } = made;
  const samples = usable.map((text) => {
    const record = groups.length > 1 ? text.record : null;
    const key = sampleKey(context.dataset.keyPrefix, part, planned.position, record);
    const json = composeSampleJson(context.dataset, {
      part,
      member: planned.name,
      ...videoIdOf(context, planned.name, pictures.media.kind === "frames"),
      frameCount: pictures.files.length,
      text: text.text,
      fields: text.fields,
      media: pictures.media,
    });
    return { key, members: [...pictures.files, { suffix: "json", bytes: Buffer.from(json, "utf8") }] };
  });
  return {
    samples,
    line: {
      position: planned.position,
      member: planned.name,
      outcome: "packed",
      key: samples[0]?.key ?? null,
      code: null,
      detail: unusable?.kind === "rejected" ? lackingDetail(groups.length, usable.length, unusable) : null,
      attempt: pictures.attempts,
      frames: pictures.files.length,
    },
    annotationsUsed: planned.records.length,
    seconds: pictures.seconds,
    ...(pictures.remarks && { remarks: pictures.remarks }),
  };
}

/** What has no extension to lose: a folder's name, and the id in a row. There what follows a dot is part of it. */
function videoIdOf({ dataset }: BuildContext, name: string, isFolder: boolean): { videoId?: string } {
  if (dataset.annotations.kind === "links") return { videoId: name };
  return isFolder ? { videoId: basename(name) } : {};
}

/** With records `each` a member is packed as soon as one of its records has a text; what the others lack is told. */
function lackingDetail(records: number, usable: number, first: { readonly rejection: Rejection }): string {
  const { code, detail } = first.rejection;
  return `${records - usable} of ${records} records have no text (${code}: ${detail})`;
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

/** The records of the annotation files, or the one that came with the row. */
function recordsOf(planned: PlannedMember, streamed: StreamedMember): readonly AnnotationRecord[] {
  if (streamed.kind === "member" && streamed.content.kind === "images" && streamed.content.record !== null) {
    return [streamed.content.record];
  }
  return planned.records;
}

async function makePictures(
  { build, dataset }: BuildContext,
  member: Extract<StreamedMember, { kind: "member" }>,
  pool: MediaPool,
  signal: AbortSignal,
): Promise<PicturesResult> {
  const settings: FrameSettings = build.recipe;
  const { content, name } = member;
  if (content.kind === "images")
    return makeImages(name, content.images, settings, pool, signal, dataset.media === "video");
  if (dataset.media === "images") return makeImages(name, [content.bytes], settings, pool, signal, false);
  const clip = await pool.frames({ name, bytes: content.bytes }, settings, signal);
  if (clip.kind === "rejected") return clip;
  const { frames, timesS, info, complete, seconds, attempts, remarks } = clip;
  const files = frames.map((bytes, index) => ({ suffix: `${frameNumber(index)}.jpg`, bytes }));
  const media: SampleMedia = { kind: "clip", timesS, info, complete };
  return { kind: "pictures", pictures: { files, media, seconds, attempts, remarks } };
}

async function makeImages(
  name: string,
  images: readonly (Uint8Array | null)[],
  settings: FrameSettings,
  pool: MediaPool,
  signal: AbortSignal,
  asFrames: boolean,
): Promise<PicturesResult> {
  const present = images.filter((image) => image !== null);
  if (images.length === 0)
    return {
      kind: "rejected",
      rejection: reject("no_image", "the row's image column is empty"),
      attempts: 1,
    };
  if (present.length < images.length) {
    const detail = `${images.length - present.length} of ${images.length} images have no bytes in the row`;
    return { kind: "rejected", rejection: reject("image_bytes_missing", detail), attempts: 1 };
  }
  const results = await Promise.all(present.map((bytes) => pool.image({ name, bytes }, settings, signal)));
  const files: SampleFile[] = [];
  for (const [index, result] of results.entries()) {
    if (result.kind === "rejected") return result;
    files.push({
      suffix: results.length === 1 && !asFrames ? "jpg" : `${frameNumber(index)}.jpg`,
      bytes: result.jpeg,
    });
  }
  const attempts = Math.max(...results.map((result) => result.attempts));
  const [only] = results;
  const size = only?.kind === "image" && results.length === 1 ? only : { width: null, height: null };
  const media: SampleMedia = asFrames
    ? { kind: "frames" }
    : { kind: "images", width: size.width, height: size.height };
  return { kind: "pictures", pictures: { files, media, seconds: 0, attempts } };
}

function frameNumber(index: number): string {
  return String(index).padStart(3, "0");
}
