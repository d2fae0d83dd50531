import { type ByteSource, Failure, type FileIdentity, type PartId, partLabel } from "@shardmill/core";
import { concatenate } from "@shardmill/sources";
import type { BuildContext } from "./build-context.ts";

export type RecordedPart = BuildContext["build"]["parts"][number];

/** The part as the build recorded it from the listing. */
export function recordedPart({ build }: BuildContext, id: PartId): RecordedPart {
  const part = build.parts.find((p) => p.part === id.part && p.subset === id.subset);
  if (part === undefined) {
    throw new Failure("part_absent", `${build.dataset.name} has no part ${partLabel(id)}`, {
      where: { part: partLabel(id) },
    });
  }
  if (part.absent !== null) {
    throw new Failure(part.absent.code, `part ${partLabel(id)} is absent: ${part.absent.reason}`, {
      where: { part: partLabel(id) },
    });
  }
  return part;
}

/** For messages: a hundred pieces are named by the first and the last. */
function nameOf(pieces: readonly FileIdentity[]): string {
  const paths = pieces.map((piece) => piece.path);
  const shown = paths.length > 3 ? [...paths.slice(0, 1), "...", ...paths.slice(-1)] : paths;
  return shown.join("+");
}

/** A part's bytes: its one file, or its pieces as one virtual file. */
export function openPart(
  { source }: Pick<BuildContext, "source">,
  pieces: readonly FileIdentity[],
): ByteSource {
  const opened = pieces.map((piece) => source.open(piece));
  const [only] = opened;
  return only !== undefined && opened.length === 1 ? only : concatenate(opened, nameOf(pieces));
}
