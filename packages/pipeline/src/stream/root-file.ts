import { open } from "node:fs/promises";
import { join } from "node:path";
import { groupFrameFolders } from "@shardmill/archives";
import { Failure, type MemberContent, type PlannedMember, type StreamedMember } from "@shardmill/core";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import { filesIn, rootPlace } from "../roots/find-root-file.ts";
import type { LooseMember } from "./stream-files.ts";

const rootAddress = z.object({
  prefix: z.string(),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  isFolder: z.boolean(),
});

/** A member in one of the user's roots: a file, or a folder of frames. */
export function rootFile({ surroundings, build }: BuildContext, { name, at }: PlannedMember): LooseMember {
  const { prefix, path, sizeBytes, isFolder } = rootAddress.parse(at);
  const place = rootPlace(surroundings.roots, { prefix, path });
  return {
    sizeBytes,
    read: (signal) =>
      isFolder ? readFrames(place, name, build.recipe, signal) : readWhole(place, name, sizeBytes, signal),
  };
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

async function readFrames(
  place: string,
  name: string,
  recipe: BuildContext["build"]["recipe"],
  signal: AbortSignal,
): Promise<MemberContent> {
  const { maxFrames, overflow } = recipe;
  for await (const member of groupFrameFolders(
    framesIn(place, name, signal),
    { maxFrames, overflow },
    signal,
  ))
    if (member.kind === "member" && member.content.kind === "images") return member.content;
  return { kind: "images", images: [], record: null };
}

async function* framesIn(place: string, name: string, signal: AbortSignal): AsyncGenerator<StreamedMember> {
  const files = filesIn(place);
  if (files === null)
    throw new Failure("source_changed", `${name} is no longer the folder that was planned`, {
      where: { member: name },
    });
  for (const [position, file] of files.entries()) {
    const content = await readWhole(join(place, file), `${name}/${file}`, null, signal);
    yield { position, name: `${name}/${file}`, kind: "member", content, sizeBytes: content.bytes.length };
  }
}
