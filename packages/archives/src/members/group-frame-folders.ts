import {
  basename,
  isAppleDouble,
  isNamedAs,
  naturalOrder,
  type Rejection,
  reject,
  type StreamedMember,
} from "@shardmill/core";

export interface FrameFolderOptions {
  /** Of so many pictures the places of those that are kept. */
  readonly pick: (count: number) => readonly number[];
  /** At most so many from a folder's beginning are ever kept, so that no more have to be held; null where any may be. */
  readonly onlyFirst: number | null;
  /** Bytes held of one folder; one that needs more is left out as too_large. Without it, 512 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Makes one member of a run of images that share a folder: named by the folder, at the position of its first entry, images
 * in natural order. What is no image in a folder passes through and ends the run. A run with an image that could
 * not be read is left out under that image's code: a gap in a clip would not be seen later.
 *
 * Memory: with `onlyFirst` the lowest names so far. Else nobody knows which ones are needed before the folder ends, so it holds the
 * whole folder, up to `maxBytes`.
 */
export async function* groupFrameFolders(
  members: AsyncIterable<StreamedMember>,
  options: FrameFolderOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  let run: FolderRun | null = null;
  for await (const member of members) {
    signal.throwIfAborted();
    // macOS puts an attribute file beside every frame: it neither belongs to the run nor ends it.
    if (run !== null && isAppleDouble(member.name)) {
      run.aside.push(leftAside(member));
      continue;
    }
    const folder = imageFolder(member.name);
    if (run !== null && folder !== run.folder) {
      yield* finished(run, options);
      run = null;
    }
    if (folder === null) {
      yield isAppleDouble(member.name) ? leftAside(member) : member;
      continue;
    }
    run ??= { folder, position: member.position, frames: [], count: 0, bytes: 0, rejection: null, aside: [] };
    add(run, member, options);
  }
  if (run !== null) yield* finished(run, options);
}

interface Frame {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface FolderRun {
  readonly folder: string;
  readonly position: number;
  frames: Frame[];
  count: number;
  bytes: number;
  rejection: Rejection | null;
  /** Small records that come out after the run, so that positions keep rising. */
  readonly aside: StreamedMember[];
}

/** The folder of an image; null for anything else, and for an image that lies in none. */
function imageFolder(name: string): string | null {
  if (!isNamedAs(name, "frame")) return null;
  const folder = name.slice(0, Math.max(0, name.length - basename(name).length - 1));
  return folder === "" ? null : folder;
}

function add(run: FolderRun, member: StreamedMember, options: FrameFolderOptions): void {
  run.count += 1;
  if (run.rejection !== null) return;
  if (member.kind === "rejected") {
    leaveOut(run, reject(member.rejection.code, `${basename(member.name)}: ${member.rejection.detail}`));
    return;
  }
  if (member.content.kind !== "file") return;
  run.frames.push({ name: member.name, bytes: member.content.bytes });
  run.bytes += member.content.bytes.length;
  // Sorting only now and then keeps this cheap; twice as many as needed are held at most.
  const { onlyFirst } = options;
  if (onlyFirst !== null && run.frames.length >= 2 * onlyFirst) keepFirst(run, onlyFirst);
  const limit = options.maxBytes ?? 512 * 1024 * 1024;
  if (run.bytes > limit) leaveOut(run, reject("too_large", `the folder's images are above ${limit} bytes`));
}

function leaveOut(run: FolderRun, rejection: Rejection): void {
  run.rejection = rejection;
  run.frames = [];
  run.bytes = 0;
}

function keepFirst(run: FolderRun, frames: number): void {
  run.frames = inOrder(run.frames).slice(0, frames);
  run.bytes = run.frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
}

function* finished(run: FolderRun, options: FrameFolderOptions): Generator<StreamedMember> {
  const { folder: name, position, rejection } = run;
  if (rejection !== null) yield { position, name, kind: "rejected", rejection };
  else {
    const frames = inOrder(run.frames);
    const places = [...new Set(options.pick(run.count))].filter((place) => place < frames.length);
    const images = places.flatMap((place) => frames[place]?.bytes ?? []);
    const sizeBytes = images.reduce((sum, image) => sum + image.length, 0);
    const content = { kind: "images", images, record: null, run: { count: run.count, places } } as const;
    yield { position, name, kind: "member", content, sizeBytes };
  }
  yield* run.aside;
}

/** 2 before 10, whatever the order on the tape. */
function inOrder(frames: readonly Frame[]): Frame[] {
  return frames.toSorted((a, b) => naturalOrder(a.name, b.name));
}

function leftAside(member: StreamedMember): StreamedMember {
  const { position, name } = member;
  const rejection = reject("not_media", "macOS attributes of another file");
  return { position, name, kind: "rejected", rejection };
}
