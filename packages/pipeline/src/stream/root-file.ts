import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  type ClipSpan,
  Failure,
  isNamedAs,
  type MemberContent,
  naturalOrder,
  type PlannedMember,
} from "@shardmill/core";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { filesIn, rootPlace } from "../roots/find-root-file.ts";
import { placesWanted } from "./run-picks.ts";
import type { LooseMember } from "./stream-files.ts";

const rootAddress = z.object({
  prefix: z.string(),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  isFolder: z.boolean(),
});

type Cuts = readonly ClipSpan[];

/** A member in one of the user's roots: a file, or a folder of frames. */
export function rootFile(
  context: BuildContext,
  { name, at, records }: PlannedMember,
  cuts?: Cuts,
): LooseMember {
  const { prefix, path, sizeBytes, isFolder } = rootAddress.parse(at);
  const place = rootPlace(context.surroundings.roots, { prefix, path });
  const pick = (count: number) => placesWanted(context, records, count);
  return {
    sizeBytes,
    read: (signal) =>
      isFolder ? readFrames(place, name, pick, signal) : readClip({ place, name, sizeBytes, cuts }, signal),
  };
}

async function readClip(
  {
    place,
    name,
    sizeBytes,
    cuts,
  }: { place: string; name: string; sizeBytes: number; cuts: Cuts | undefined },
  signal: AbortSignal,
): Promise<MemberContent> {
  const file = await readWhole(place, name, sizeBytes, signal);
  return cuts === undefined ? file : { ...file, cuts };
}

async function readWhole(
  place: string,
  name: string,
  sizeBytes: number | null,
  signal: AbortSignal,
): Promise<{ readonly kind: "file"; readonly bytes: Uint8Array }> {
  signal.throwIfAborted();
  try {
    await using file = await open(place, "r");
    const { size } = await file.stat();
    if (sizeBytes === null || size === sizeBytes)
      return { kind: "file", bytes: await file.readFile({ signal }) };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure("source_unreachable", `${name} cannot be read from its root`, {
      where: { member: name },
      cause,
    });
  }
  throw new Failure("source_changed", `${name} is not the file that was planned`, {
    where: { member: name },
  });
}

/** The pictures that are wanted, of those that lie in the folder in natural order. */
async function readFrames(
  place: string,
  name: string,
  pick: (count: number) => readonly number[],
  signal: AbortSignal,
): Promise<MemberContent> {
  const files = filesIn(place);
  if (files === null)
    throw new Failure("source_changed", `${name} is no longer the folder that was planned`, {
      where: { member: name },
    });
  const frames = files.filter((file) => isNamedAs(file, "frame")).sort(naturalOrder);
  const places = pick(frames.length);
  const images: Uint8Array[] = [];
  for (const at of places) {
    const file = frames[at] ?? "";
    images.push((await readWhole(join(place, file), `${name}/${file}`, null, signal)).bytes);
  }
  return { kind: "images", images, record: null, run: { count: frames.length, places } };
}
