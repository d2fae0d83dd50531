import { Failure, hashOf, naturalOrder, type PartId, partLabel, sourceSubsetOf } from "@shardmill/core";
import { annotationFilesOf } from "../annotations/annotation-identity.ts";
import type { BuildContext } from "../context/build-context.ts";
import type { SourceView } from "../context/file-content.ts";
import type { RecordedPart } from "../context/part-source.ts";
import { contentIdOf } from "./part-content.ts";

type View = Pick<BuildContext, "dataset"> & SourceView;

/**
 * Whether a part's questions may be those of another, too: of a benchmark each is one sample, whichever archives hold its video.
 * Only where what a part holds is known before it is read: not of tars, which are streamed.
 */
export function sharesQuestions(
  { purpose, annotations }: BuildContext["dataset"],
  { archive }: Pick<RecordedPart, "archive">,
): boolean {
  return purpose === "eval" && annotations.kind === "files" && (archive === "zip" || archive === "images");
}

/**
 * The parts that a question goes to before it goes to this one: of those that the same files speak of, in the order of the entry's
 * rules and their subsets, and of their numbers. All that the source has count, whether they are asked for or not, so that a part is
 * the same wherever and with whatever others it is built.
 */
export function earlierParts({ dataset, build }: View, part: RecordedPart): RecordedPart[] {
  const files = pathsOf({ build }, part.subset);
  return build.parts
    .filter((other) => other.absent === null && sharesQuestions(dataset, other))
    .filter((other) => before(dataset, other, part) < 0)
    .filter(({ subset }) => [...pathsOf({ build }, subset)].some((path) => files.has(path)))
    .sort((a, b) => before(dataset, a, b));
}

function pathsOf(view: Pick<View, "build">, subset: string | null): ReadonlySet<string> {
  return new Set(annotationFilesOf(view, subset).map(({ file }) => file.path));
}

function before(dataset: View["dataset"], a: PartId, b: PartId): number {
  const rank = rankOf(dataset, a.subset) - rankOf(dataset, b.subset);
  return rank || naturalOrder(a.subset ?? "", b.subset ?? "") || a.part - b.part;
}

function rankOf(dataset: View["dataset"], subset: string | null): number {
  if (subset === null) return -1;
  const named = dataset.parts.flatMap((rule) => rule.subset ?? rule.subsets ?? []);
  const rank = named.indexOf(sourceSubsetOf(dataset, subset));
  return rank < 0 ? named.length : rank;
}

/** Of what the earlier parts are now: with others, other questions may be left to this one. Null where there can be none. */
export async function earlierIdOf(
  view: View,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<string | null> {
  if (!sharesQuestions(view.dataset, part)) return null;
  const contents: unknown[] = [];
  for (const other of earlierParts(view, part))
    contents.push([partLabel(other), await heldIn(view, other, signal)]);
  return hashOf({ earlier: contents });
}

/** What a part holds, as far as its names go. */
export async function heldIn(
  view: SourceView,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<string | null> {
  // Of loose files their names alone say what they are asked about.
  if (part.archive === "images") return hashOf(part.pieces.map(({ path }) => path));
  return unlessDamaged(() => contentIdOf(view, part, signal));
}

/** An archive without a directory holds nothing for anybody, until it is another one: null. Everything else is thrown. */
export async function unlessDamaged<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Failure && error.code.startsWith("archive_")) return null;
    throw error;
  }
}
