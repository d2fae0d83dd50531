import { readZipDirectory } from "@shardmill/archives";
import {
  type AnnotationRecord,
  exactJsonText,
  hashOf,
  partLabel,
  pathInPlace,
  reject,
} from "@shardmill/core";
import { type Annotations, annotationsOf } from "../annotations/annotation-index.ts";
import { besideSets } from "../annotations/texts-beside.ts";
import type { BuildContext } from "../context/build-context.ts";
import { openPart, type RecordedPart } from "../context/part-source.ts";
import { SharedWork } from "../context/shared-work.ts";
import { earlierParts, heldIn, sharesQuestions, unlessDamaged } from "./earlier-parts.ts";
import { fileOf, groupZipFrames } from "./group-zip-frames.ts";
import type { ListedMember, Matches } from "./judge-members.ts";
import { refuseByName } from "./member-names.ts";

/** Records of a part's members, by what they say: a hash each. */
type Questions = ReadonlySet<string>;

/**
 * Of a benchmark: the records of members, without those that an earlier part, or an earlier member, has a video for. A member that
 * is left none of its own is `media_twice`.
 */
export async function oncePerQuestion(
  context: BuildContext,
  part: RecordedPart,
  { listed, matches }: { readonly listed: readonly ListedMember[]; readonly matches: readonly Matches[] },
  signal: AbortSignal,
): Promise<readonly Matches[]> {
  const { dataset } = context;
  if (!sharesQuestions(dataset, part)) return matches;
  const beside = besideSets(dataset);
  const taken: { readonly by: string; readonly questions: Questions }[] = [];
  for (const other of earlierParts(context, part)) {
    const questions = await questionsOf(context, other, signal);
    if (questions.size > 0) taken.push({ by: `part ${partLabel(other)}`, questions });
  }
  const own = new Map<string, string>();
  return listed.map((member, at): Matches => {
    const found = matches[at] ?? [];
    if (!isQuestioned(dataset, member, found)) return found;
    const asked = found.filter(({ set }) => !beside.has(set)).map((record) => ({ record, id: idOf(record) }));
    const holder = (id: string) => own.get(id) ?? taken.find(({ questions }) => questions.has(id))?.by;
    const left = new Set(asked.filter(({ id }) => holder(id) === undefined).map(({ record }) => record));
    const [first] = asked;
    if (first !== undefined && left.size === 0)
      return reject("media_twice", `its questions are asked of ${holder(first.id)}, which comes first`);
    for (const { record, id } of asked) if (left.has(record)) own.set(id, member.name);
    return left.size === asked.length ? found : found.filter((one) => beside.has(one.set) || left.has(one));
  });
}

function isQuestioned(
  dataset: BuildContext["dataset"],
  { name, isFolder }: Pick<ListedMember, "name" | "isFolder">,
  found: Matches,
): found is readonly AnnotationRecord[] {
  return Array.isArray(found) && (isFolder === true || refuseByName(dataset, name) === null);
}

/** What a record says, and so what it names: the same line of one file, whoever reads it. */
function idOf({ set, fields }: AnnotationRecord): string {
  return hashOf([set, exactJsonText(fields)]).slice(0, 32);
}

const read = new WeakMap<BuildContext, Map<string, SharedWork<Questions>>>();

/** What the members of a part are asked about, by its directory alone: read once in a process, as long as nothing has changed. */
async function questionsOf(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<Questions> {
  const { identity, index } = await annotationsOf(context, part.subset, signal);
  const key = `${partLabel(part)} ${await heldIn(context, part, signal)} ${identity.id}`;
  const held = read.get(context) ?? new Map<string, SharedWork<Questions>>();
  read.set(context, held);
  const known = held.get(key);
  const work =
    known === undefined || known.isLost
      ? new SharedWork((stop) => readQuestions(context, part, index, stop))
      : known;
  held.set(key, work);
  return work.join(signal);
}

async function readQuestions(
  context: BuildContext,
  part: RecordedPart,
  index: Annotations["index"],
  signal: AbortSignal,
): Promise<Questions> {
  const { dataset } = context;
  const listed = (await unlessDamaged(() => namesIn(context, part, signal))) ?? [];
  const queries = listed.map(({ name }) => ({ subset: part.subset, name }));
  const matches = index === null ? [] : await index.lookup(queries, signal);
  const beside = besideSets(dataset);
  return new Set(
    listed.flatMap((member, at) => {
      const found = matches[at] ?? [];
      if (!isQuestioned(dataset, member, found)) return [];
      return found.filter(({ set }) => !beside.has(set)).map(idOf);
    }),
  );
}

async function namesIn(
  context: BuildContext,
  { archive, pieces }: RecordedPart,
  signal: AbortSignal,
): Promise<readonly Pick<ListedMember, "name" | "isFolder">[]> {
  if (archive === "images") return pieces.map(({ path }) => ({ name: pathInPlace(context.dataset, path) }));
  const { maxBytes } = context.build.recipe.limits;
  const { entries } = await readZipDirectory(openPart(context, pieces), signal, { maxBytes });
  return context.dataset.frames === undefined ? entries.map(fileOf) : groupZipFrames(entries);
}
