import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure, hashOf, type PartId } from "@shardmill/core";
import { settledStamp } from "@shardmill/sources";
import type { BuildContext } from "../context/build-context.ts";
import { KeptHashes } from "../context/kept-hashes.ts";
import { filesIn, type RootFile, rootPlace } from "./find-root-file.ts";
import { listRootMedia, type RootMedia } from "./list-root-media.ts";

type Place = Pick<RootFile, "prefix" | "path" | "isFolder">;

export interface RootListing {
  readonly contentId: string;
  /** Each with a sha256 of its bytes; of a folder of frames, of all its files. */
  readonly media: readonly (RootMedia & { readonly content: string })[];
}

/** The members of a root part with what is in them: nobody else tells whether a file of the user's was replaced. */
export async function readRootListing(
  context: BuildContext,
  part: PartId,
  signal: AbortSignal,
): Promise<RootListing> {
  return withContents(context, await listRootMedia(context, part, signal), signal);
}

/** Media of roots with what is in their files. */
export async function withContents(
  context: BuildContext,
  found: readonly RootMedia[],
  signal: AbortSignal,
): Promise<RootListing> {
  const contents = await rootContentsOf(
    context,
    found.map(({ file }) => file),
    signal,
  );
  const media = found.map((one, at) => ({ ...one, content: contents[at] ?? "" }));
  const contentId = hashOf({
    roots: media.map(({ media: name, file, content }) => [
      name,
      file.path,
      file.isFolder,
      content,
      ...(file.span === undefined ? [] : [file.span]),
    ]),
  });
  return { contentId, media };
}

export async function rootContentsOf(
  { surroundings, records }: Pick<BuildContext, "surroundings" | "records">,
  places: readonly Place[],
  signal: AbortSignal,
): Promise<string[]> {
  const hashes = await KeptHashes.open(records);
  try {
    const contents: string[] = [];
    for (const { prefix, path, isFolder } of places) {
      signal.throwIfAborted();
      const place = rootPlace(surroundings.roots, { prefix, path });
      const files = isFolder ? filesIn(place)?.map((name) => join(place, name)) : [place];
      if (files === undefined) throw changed(path);
      const before = await stampsOf(files, path);
      contents.push(
        await hashes.of(`root ${prefix} ${path}`, before, async () => {
          const hash = await sha256Of(files, path, signal);
          if (before !== null && before !== (await stampsOf(files, path))) throw changed(path);
          return hash;
        }),
      );
    }
    return contents;
  } finally {
    await hashes.close();
  }
}

/** Null where one of the files was written to a moment ago. */
async function stampsOf(files: readonly string[], path: string): Promise<string | null> {
  const stamps: string[] = [];
  for (const file of files) {
    const stats = await stat(file, { bigint: true }).catch(() => null);
    if (stats === null) throw changed(path);
    const stamp = settledStamp(stats, Date.now());
    if (stamp === null) return null;
    stamps.push(stamp);
  }
  return stamps.join("\n");
}

async function sha256Of(files: readonly string[], path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    for (const file of files) {
      hash.update(`${(await stat(file)).size}\n`);
      for await (const chunk of createReadStream(file, { signal })) hash.update(chunk as Uint8Array);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure("source_unreachable", `${path} cannot be read from its root`, {
      cause,
      where: { path },
    });
  }
  return hash.digest("hex");
}

function changed(path: string): Failure {
  return new Failure("source_changed", `${path} was changed in its root while it was read`, {
    where: { path },
  });
}
