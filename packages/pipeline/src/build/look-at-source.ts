import {
  type BuildRecord,
  Failure,
  hashOf,
  type PartPlan,
  partLabel,
  placeOf,
  type Source,
  termsOf,
} from "@shardmill/core";
import { type AnnotationIdentity, annotationIdentityOf } from "../annotations/annotation-identity.ts";
import { closeAnnotationIndexes } from "../annotations/annotation-index.ts";
import { isAsPlanned } from "../books/as-planned.ts";
import type { BuildContext } from "../context/build-context.ts";
import type { SourceView } from "../context/file-content.ts";
import { earlierIdOf } from "../plan/earlier-parts.ts";
import { contentIdOf } from "../plan/part-content.ts";
import { RootsNow } from "../roots/roots-now.ts";

type View = BuildContext & SourceView;
type RecordedPart = BuildRecord["parts"][number];

/**
 * The build's record with what the source has now, beside what each part's plan was made from. Of a Hub the listing tells
 * all; of a folder only files with another stamp than the plan's are looked into. Parts without a plan are not looked at.
 */
export async function recordSourceNow(
  view: View,
  plans: readonly PartPlan[],
  signal: AbortSignal,
): Promise<BuildRecord> {
  try {
    return await lookedAt(view, plans, signal);
  } finally {
    await closeAnnotationIndexes(view);
  }
}

async function lookedAt(view: View, plans: readonly PartPlan[], signal: AbortSignal): Promise<BuildRecord> {
  const { build } = view;
  const roots = new RootsNow(view);
  const planOf = new Map(plans.map((plan) => [partLabel(plan), plan]));
  const identities = new Map<string | null, AnnotationIdentity>();
  const parts: RecordedPart[] = [];
  for (const part of build.parts) {
    const plan = planOf.get(partLabel(part));
    if (plan === undefined || part.absent !== null) {
      parts.push({ ...part, now: null, revision: plan?.revision ?? null });
      continue;
    }
    const annotations = identities.get(part.subset) ?? (await annotationsNow(view, part.subset, signal));
    identities.set(part.subset, annotations);
    const now = {
      contentId: await contentNow(view, roots, { part, plan }, signal),
      annotationsId: annotations.id,
      ...(plan.earlier !== undefined && { earlier: await earlierNow(view, part, plan.earlier, signal) }),
    };
    parts.push({ ...part, now, revision: plan.revision });
  }
  const contents = new Map(
    [...identities.values()].flatMap(({ files }) => files.map(({ path, content }) => [path, content])),
  );
  const annotationFiles = build.annotationFiles.map(({ content: _old, ...found }) => {
    const content = contents.get(found.file.path);
    return content === undefined ? found : { ...found, content };
  });
  return { ...build, parts, annotationFiles };
}

/** A network that is away says nothing; what cannot be read is told of its own part. */
async function earlierNow(
  view: View,
  part: RecordedPart,
  planned: string,
  signal: AbortSignal,
): Promise<string> {
  return unlessUnreadable(view, part, async () => (await earlierIdOf(view, part, signal)) ?? planned, signal);
}

async function contentNow(
  view: View,
  roots: RootsNow,
  { part, plan }: { readonly part: RecordedPart; readonly plan: PartPlan },
  signal: AbortSignal,
): Promise<string> {
  if (part.archive === "roots") return roots.contentOf(part, plan, signal);
  if (isAsPlanned(part, plan) && isLicensedAsPlanned(view, plan)) return plan.contentId;
  return unlessUnreadable(view, part, () => contentIdOf(view, part, signal), signal);
}

/** What samples say of their licence is part of their content, and in no listing. */
function isLicensedAsPlanned({ dataset }: View, plan: PartPlan): boolean {
  return (plan.license ?? dataset.license) === termsOf(dataset, plan.subset).license;
}

async function annotationsNow(
  view: View,
  subset: string | null,
  signal: AbortSignal,
): Promise<AnnotationIdentity> {
  const files = { files: view.build.annotationFiles.map(({ file }) => file.path) };
  try {
    return await annotationIdentityOf(view, subset, signal);
  } catch (error) {
    const place = placeOf(view.source, view.build.annotationFiles[0]?.file);
    return { id: unreadable(place, files, error, signal), files: [] };
  }
}

async function unlessUnreadable(
  view: View,
  part: RecordedPart,
  look: () => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await look();
  } catch (error) {
    const { pieces } = part;
    return unreadable(placeOf(view.source, pieces[0]), { pieces }, error, signal);
  }
}

/**
 * What cannot be read is not what was planned, and must not keep the other parts from being built. A network that is
 * away says nothing of a file.
 */
function unreadable(source: Source, what: object, error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!(error instanceof Failure)) throw error;
  if (source.look === undefined && !error.code.startsWith("archive_")) throw error;
  return hashOf({ unreadable: error.code, ...what });
}
