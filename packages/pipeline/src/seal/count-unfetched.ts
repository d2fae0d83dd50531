import { classifyMedia } from "@shardmill/catalogue";
import { annotationIndexOf } from "../annotations/annotation-index.ts";
import { besideSets } from "../annotations/texts-beside.ts";
import { type Unfetched, writeUnfetched } from "../books/unfetched.ts";
import type { BuildContext } from "../context/build-context.ts";
import { failureOf, type GatheredFacts, gatherMediaFacts } from "../roots/media-facts.ts";

/** So many names are told one by one. */
const mostMedia = 10_000;

/** What some questions of one file ask about. */
interface Asked {
  readonly subset: string | null;
  readonly media: string;
  questions: number;
  /** In one of the subsets that the file speaks of it is there, or nobody can tell. */
  isOpen: boolean;
}

/**
 * Of a benchmark: counts the questions whose media are nowhere, and keeps the count beside the records. That is a state of theirs, no
 * failure. Questions of parts that are not all read, and of media that the source withdrew, are not among them.
 */
export async function countUnfetched(context: BuildContext, signal: AbortSignal): Promise<void> {
  const { dataset, build, records } = context;
  if (dataset.purpose !== "eval" || dataset.annotations.kind !== "files" || build.source.kind === "output")
    return;
  // A small build takes few of the members, and knows nothing of the others.
  if (build.recipe.only !== undefined) return;
  const facts = await gatherMediaFacts(context, signal);
  const asked = new Map<string, Asked>();
  const done = new Set<string>();
  const beside = besideSets(dataset);
  for (const subset of new Set(build.annotationFiles.map((file) => file.subset))) {
    if (isWithdrawn(context, subset)) continue;
    try {
      await addAsked(context, subset, { facts, asked, done, beside }, signal);
    } catch (error) {
      // Why a file cannot be read is told of its parts.
      failureOf(error, signal);
    }
  }
  await writeUnfetched(records, summed(asked));
}

/** The source had its media, and has them no more: they are told as absent, with the reason. */
function isWithdrawn({ build }: BuildContext, subset: string | null): boolean {
  const own = build.parts.filter((part) => part.subset === subset);
  return subset !== null && own.length > 0 && own.every(({ absent }) => absent?.code === "part_absent");
}

async function addAsked(
  context: BuildContext,
  subset: string | null,
  found: {
    readonly facts: GatheredFacts;
    readonly asked: Map<string, Asked>;
    readonly done: Set<string>;
    readonly beside: ReadonlySet<string>;
  },
  signal: AbortSignal,
): Promise<void> {
  const index = await annotationIndexOf(context, subset, signal);
  // Files of the whole dataset and those of a subset may come to the same index.
  if (index === null || found.done.has(index.id)) return;
  found.done.add(index.id);
  const own = new Map<string, Asked>();
  for await (const { subset: of, media, record } of index.records(signal)) {
    if (media === "" || found.beside.has(record.set)) continue;
    const { place } = classifyMedia(context.dataset, { subset: of, media }, found.facts);
    const isOpen = place === "hosted" || place === "local" || place === "expected";
    const key = `${filesOf(context, of, record.set)}\0${media}`;
    const known = own.get(key);
    if (known === undefined) own.set(key, { subset: of, media, questions: 1, isOpen });
    else known.questions += 1;
  }
  // A file may be looked for in several subsets: its questions are counted once.
  for (const [key, one] of own) {
    const before = found.asked.get(key);
    if (before === undefined) found.asked.set(key, one);
    else before.isOpen ||= one.isOpen;
  }
}

/** The files that records of a set are of: those of several subsets may be one and the same. */
function filesOf({ build }: BuildContext, subset: string | null, set: string): string {
  const own = build.annotationFiles.filter((found) => found.subset === subset && found.set === set);
  return own.map(({ file }) => file.path).join();
}

function summed(asked: ReadonlyMap<string, Asked>): Unfetched {
  const lacking = [...asked.values()].filter(({ isOpen }) => !isOpen);
  return {
    questions: lacking.reduce((sum, { questions }) => sum + questions, 0),
    media: lacking.slice(0, mostMedia).map(({ subset, media, questions }) => ({ subset, media, questions })),
  };
}
