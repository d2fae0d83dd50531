import { createHash } from "node:crypto";
import { Failure, type FileIdentity, placeOf } from "@shardmill/core";
import type { BuildContext } from "./build-context.ts";
import { KeptHashes } from "./kept-hashes.ts";

/** What it takes to look at a source's files; a build that is only being composed has no more. */
export type SourceView = Pick<BuildContext, "source" | "records" | "build">;

type OnBytes = (bytes: number) => void;

/**
 * What fixes the content of each file: the source's own sha256 or git id, an etag, or of a file in a folder a sha256 of
 * its bytes, read once and kept by its stamp.
 */
export async function contentsOf(
  { source: places, records }: Pick<SourceView, "source" | "records">,
  files: readonly FileIdentity[],
  signal: AbortSignal,
  onBytes: OnBytes = () => undefined,
): Promise<string[]> {
  const hashes = await KeptHashes.open(records);
  try {
    const contents: string[] = [];
    for (const file of files) {
      signal.throwIfAborted();
      const source = placeOf(places, file);
      if (file.sha256 !== null) contents.push(`sha256:${file.sha256}`);
      else if (file.oid !== null) contents.push(`oid:${file.oid}`);
      else if (source.look === undefined) contents.push(`size:${file.sizeBytes}`);
      else {
        const stamp = (await seen(source, file)).stamp ?? null;
        const read = () => sha256Of(source, file, signal, onBytes);
        contents.push(`sha256:${await hashes.of(`bytes ${file.path}`, stamp, read)}`);
      }
    }
    return contents;
  } finally {
    await hashes.close();
  }
}

/** Whatever `compute` reads of these files, kept by all their stamps. */
export async function keptOf(
  { source: places, records }: Pick<SourceView, "source" | "records">,
  what: string,
  files: readonly FileIdentity[],
  compute: () => Promise<string>,
): Promise<string> {
  const source = placeOf(places, files[0]);
  if (source.look === undefined) return compute();
  const hashes = await KeptHashes.open(records);
  try {
    const before = await stampsOf(source, files);
    return await hashes.of(`${what} ${files.map(({ path }) => path).join("\n")}`, before, async () => {
      const hash = await compute();
      mustBeStill(source, files[0], before, await stampsOf(source, files));
      return hash;
    });
  } finally {
    await hashes.close();
  }
}

async function stampsOf(
  source: BuildContext["source"],
  files: readonly FileIdentity[],
): Promise<string | null> {
  const stamps: string[] = [];
  for (const file of files) {
    const { stamp } = await seen(source, file);
    if (stamp === null || stamp === undefined) return null;
    stamps.push(stamp);
  }
  return stamps.join("\n");
}

async function seen(source: BuildContext["source"], file: FileIdentity): Promise<FileIdentity> {
  const found = (await source.look?.(file.path)) ?? null;
  if (found === null)
    throw new Failure("source_not_found", `${source.name}/${file.path} does not exist`, {
      where: { path: file.path },
    });
  if (found.sizeBytes !== file.sizeBytes) throw changed(source, file);
  return found;
}

/** The bytes of one moment: a file that is written to meanwhile is a changed source. */
async function sha256Of(
  source: BuildContext["source"],
  file: FileIdentity,
  signal: AbortSignal,
  onBytes: OnBytes,
): Promise<string> {
  const before = (await seen(source, file)).stamp;
  const hash = createHash("sha256");
  const opened = source.open(file);
  for await (const chunk of opened.read({ start: 0, end: file.sizeBytes }, signal)) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  mustBeStill(source, file, before ?? null, (await seen(source, file)).stamp ?? null);
  return hash.digest("hex");
}

/** A stamp that is null at first and set the next time is of the same file, which has had time to settle. */
function mustBeStill(
  source: BuildContext["source"],
  file: FileIdentity | undefined,
  before: string | null,
  after: string | null,
): void {
  if (before !== null && before !== after) throw changed(source, file);
}

function changed(source: BuildContext["source"], file: FileIdentity | undefined): Failure {
  return new Failure("source_changed", `${source.name}/${file?.path ?? ""} is not the file that was listed`, {
    where: { path: file?.path ?? "" },
  });
}
