import { streamZipMembers } from "@shardmill/archives";
import { type PlannedMember, reject, type StreamedMember, type ZipEntry } from "@shardmill/core";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { placesWanted } from "./run-picks.ts";

type Zip = Parameters<typeof streamZipMembers>[0];
type Options = Parameters<typeof streamZipMembers>[2];

const zipAddress = z.object({
  localHeaderOffset: z.int(),
  compressedBytes: z.int(),
  sizeBytes: z.int(),
  crc32: z.int(),
  method: z.int(),
});
const frameAddresses = z.array(z.tuple([z.string(), z.int(), z.int(), z.int(), z.int(), z.int()]));

/** A zip's planned members in archive order; of a folder of pictures those that its samples show. */
export async function* streamZip(
  context: BuildContext,
  { zip, members }: { readonly zip: Zip; readonly members: readonly PlannedMember[] },
  options: Options,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  let files: PlannedMember[] = [];
  for (const member of members) {
    if (member.at.frames === undefined) {
      files.push(member);
      continue;
    }
    yield* streamZipMembers(zip, files.map(entryOf), options, signal);
    files = [];
    yield await readFolder(context, { zip, member }, options, signal);
  }
  yield* streamZipMembers(zip, files.map(entryOf), options, signal);
}

function entryOf({ position, name, at }: PlannedMember): ZipEntry {
  return { position, name, ...zipAddress.parse(at) };
}

/** All pictures or none: a gap in a clip would not be seen later. */
async function readFolder(
  context: BuildContext,
  { zip, member }: { readonly zip: Zip; readonly member: PlannedMember },
  options: Options,
  signal: AbortSignal,
): Promise<StreamedMember> {
  const { position, name, records, at } = member;
  const frames = frameAddresses.parse(at.frames);
  const places = placesWanted(context, records, frames.length);
  const entries = places.flatMap((place): ZipEntry[] => {
    const [file, localHeaderOffset, compressedBytes, sizeBytes, crc32, method] = frames[place] ?? [];
    if (localHeaderOffset === undefined || compressedBytes === undefined || sizeBytes === undefined)
      return [];
    const own = { position: place, name: `${name}${file}` };
    return [
      { ...own, localHeaderOffset, compressedBytes, sizeBytes, crc32: crc32 ?? 0, method: method ?? 0 },
    ];
  });
  const inOrder = entries.toSorted((a, b) => a.localHeaderOffset - b.localHeaderOffset);
  const found = new Map<number, Uint8Array>();
  let sizeBytes = 0;
  // Nobody gives the pictures of a run back.
  for await (const frame of streamZipMembers(zip, inOrder, { ...options, room: undefined }, signal)) {
    if (frame.kind === "rejected") {
      const { code, detail } = frame.rejection;
      return {
        position,
        name,
        kind: "rejected",
        rejection: reject(code, `picture ${frame.position}: ${detail}`),
      };
    }
    if (frame.content.kind === "file") found.set(frame.position, frame.content.bytes);
    sizeBytes += frame.sizeBytes;
    if (sizeBytes > options.maxBytes)
      return {
        position,
        name,
        kind: "rejected",
        rejection: reject("too_large", `its pictures are above ${options.maxBytes} bytes`),
      };
  }
  const images = places.map((place) => found.get(place) ?? null);
  return {
    position,
    name,
    kind: "member",
    content: { kind: "images", images, record: null, run: { count: frames.length, places } },
    sizeBytes,
  };
}
