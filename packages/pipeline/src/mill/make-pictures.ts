import type { SampleMedia } from "@shardmill/catalogue";
import {
  type ClipRemark,
  type ClipSpan,
  type FrameSettings,
  type ImageResult,
  type MediaPool,
  pickOfRun,
  type Rejection,
  reject,
  type StreamedMember,
} from "@shardmill/core";
import type { SampleMember } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";

/** A member's files in its samples. */
export interface Pictures {
  readonly files: readonly SampleMember[];
  readonly media: SampleMedia;
  readonly seconds: number;
  readonly attempts: number;
  readonly remarks?: readonly ClipRemark[];
}

export type PicturesResult =
  | { readonly kind: "pictures"; readonly pictures: Pictures }
  | { readonly kind: "rejected"; readonly rejection: Rejection; readonly attempts: number };

export type FoundMember = Extract<StreamedMember, { kind: "member" }>;

export interface PictureTools {
  readonly pool: MediaPool;
  readonly signal: AbortSignal;
}

/** A stretch as its record has it, null of a record of all of it; and where it lies in the file. */
export interface Stretch {
  readonly told: ClipSpan | null;
  readonly inFile: ClipSpan | null;
}

/** A record's stretch of a member that is itself one of a longer file. */
export function stretchWithin(told: ClipSpan | null, cut: ClipSpan | null): Stretch {
  if (cut === null) return { told, inFile: told };
  const { startS = 0, endS = null } = told ?? {};
  const end = Math.min(
    cut.endS ?? Number.POSITIVE_INFINITY,
    endS === null ? Number.POSITIVE_INFINITY : cut.startS + endS,
  );
  return { told, inFile: { startS: cut.startS + startS, endS: Number.isFinite(end) ? end : null } };
}

/**
 * What a member shows, of each of some stretches: the whole clip where a stretch is null. Each is decoded with the others, and
 * left out by itself.
 */
export async function makeSpans(
  { build, dataset }: BuildContext,
  { content, name }: FoundMember,
  stretches: readonly Stretch[],
  { pool, signal }: PictureTools,
): Promise<readonly PicturesResult[]> {
  const spans = stretches.map(({ told }) => told);
  if (content.kind !== "file")
    return makeRunSpans({ build, dataset }, { content, name }, spans, { pool, signal });
  const asked = stretches.map(({ inFile }) => inFile ?? { startS: 0, endS: null });
  const made = await pool.spans(
    { name, bytes: content.bytes },
    { settings: build.recipe, spans: asked },
    signal,
  );
  if (made.kind === "rejected") return spans.map(() => made);
  const { seconds, attempts } = made;
  return made.clips.map((clip, at): PicturesResult => {
    if (clip.kind === "rejected") return { ...clip, attempts };
    const { frames, timesS, info, complete, remarks } = clip;
    const media: SampleMedia = { kind: "clip", timesS, info, complete, span: spans[at] ?? null };
    // The time of the one decode is told once.
    const own = at === 0 ? seconds : 0;
    return {
      kind: "pictures",
      pictures: { files: framesNamed(frames), media, seconds: own, attempts, remarks },
    };
  });
}

/** What a member shows, by the media of its dataset. */
export async function makePictures(
  { build, dataset }: BuildContext,
  { content, name }: FoundMember,
  { pool, signal }: PictureTools,
): Promise<PicturesResult> {
  const settings: FrameSettings = build.recipe;
  const media = dataset.media;
  switch (media) {
    case "video": {
      if (content.kind === "file") return makeClip({ name, bytes: content.bytes }, settings, pool, signal);
      const [made] = await makeRunSpans({ build, dataset }, { content, name }, [null], { pool, signal });
      return (
        made ?? {
          kind: "rejected",
          rejection: reject("zero_frames", "no picture of it is shown"),
          attempts: 1,
        }
      );
    }
    case "images":
    case "pair": {
      const images = content.kind === "file" ? [content.bytes] : picturesIn(content);
      const made = await makeImages({ name, images }, settings, pool, signal);
      return made.kind === "rejected" ? made : picturesOf(made, picturesNamed, sizeOf(made.images));
    }
    case "none": {
      const picture =
        build.recipe.textPicture === "placeholder" ? await placeholder(settings, { pool, signal }) : [];
      return {
        kind: "pictures",
        pictures: { files: picture, media: { kind: "none" }, seconds: 0, attempts: 1 },
      };
    }
    default:
      return media satisfies never;
  }
}

/** Stretches of a run of pictures, or all of it. Each picture is made once, whoever shows it. */
async function makeRunSpans(
  { build, dataset }: Pick<BuildContext, "build" | "dataset">,
  { content, name }: Pick<FoundMember, "content" | "name">,
  spans: readonly (ClipSpan | null)[],
  { pool, signal }: PictureTools,
): Promise<readonly PicturesResult[]> {
  if (content.kind !== "images") throw new Error("the pictures of a sample are made already");
  const { images, run = { count: images.length, places: [...images.keys()] } } = content;
  const made = await makeImages({ name, images }, build.recipe, pool, signal);
  if (made.kind === "rejected") return spans.map(() => made);
  const at = new Map(run.places.map((place, index) => [place, made.images[index]]));
  const fps = dataset.frames?.fps ?? null;
  return spans.map((span): PicturesResult => {
    const places = pickOfRun({ count: run.count, fps }, build.recipe, span);
    const shown = places.flatMap((place) => at.get(place) ?? []);
    if (shown.length === 0 || shown.length < places.length) {
      const why =
        fps === null && span !== null ? "nobody knows the times of its pictures" : "nothing is shown there";
      return { kind: "rejected", rejection: reject("zero_frames", why), attempts: 1 };
    }
    const media = {
      kind: "frames",
      ...(fps === null ? {} : { clock: clockOf(fps, places, { run, span }) }),
    } as const;
    return picturesOf({ kind: "images", images: shown }, framesNamed, media);
  });
}

/** What is known of a run whose rate is known. */
function clockOf(
  fps: number,
  places: readonly number[],
  { run, span }: { readonly run: { readonly count: number }; readonly span: ClipSpan | null },
) {
  const startS = span?.startS ?? 0;
  const endS = Math.min(span?.endS ?? Number.POSITIVE_INFINITY, run.count / fps);
  return { timesS: places.map((place) => place / fps - startS), durationS: endS - startS, fps, span };
}

function picturesIn(
  content: Exclude<FoundMember["content"], { kind: "file" }>,
): readonly (Uint8Array | null)[] {
  if (content.kind === "images") return content.images;
  throw new Error("the pictures of a sample are made already");
}

/** A black pixel, as PNG. */
const blackPixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQImWNgYGAAAAAEAAGjChXjAAAAAElFTkSuQmCC",
  "base64",
);

/** A black square of the recipe's size, by the encoder of all pictures. */
async function placeholder(settings: FrameSettings, { pool, signal }: PictureTools): Promise<SampleMember[]> {
  const made = await pool.image({ name: "placeholder", bytes: blackPixel }, settings, signal);
  if (made.kind === "rejected") throw new Error(`the placeholder is refused: ${made.rejection.detail}`);
  return picturesNamed([made.jpeg]);
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
