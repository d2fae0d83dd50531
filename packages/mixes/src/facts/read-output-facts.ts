import { Failure, type PartPlan, partLabel } from "@shardmill/core";
import {
  type Books,
  noQueue,
  type PartStatus,
  readBooks,
  shardsOfBuild,
  statusOf,
} from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import { factsOf, type OutputFacts } from "./output-facts.ts";

/**
 * What the records of an output say of it; null where no build was made under its name. Only plans and manifests are read, no
 * ledger, no tar. A Failure `record_invalid` where a record is damaged that everything depends on.
 */
async function readOutputFacts(records: Records): Promise<OutputFacts | null> {
  const build = await records.readBuild();
  if (build === null) return null;
  const books = await readBooks(records);
  const damaged = await records.listDamagedManifests();
  const { parts } = statusOf(build, books, noQueue);
  const manifests = shardsOfBuild(build, books);
  const standing = new Set(manifests.map(({ shard }) => shard));
  const asked = parts.filter(({ isAsked, state }) => isAsked && state !== "absent");
  const missing = missingShards(asked, books, standing);
  const unfinished = [
    ...(asked.length === 0 ? ["nothing of it has been asked for"] : []),
    ...unfinishedParts(asked),
    ...(missing.length === 0 ? [] : [`no valid shard of ${named(missing)} (manifest or tar is not there)`]),
    ...damaged.map(({ shard }) => `the manifest of ${shard} is damaged`),
  ];
  return factsOf(build, manifests, {
    unfinished,
    adopted: asked.filter(({ isAdopted }) => isAdopted).length,
  });
}

/** As `readOutputFacts`, with what cannot be read told as what is wrong with it. */
export async function tryOutputFacts(
  records: Records,
): Promise<OutputFacts | { readonly problem: string } | null> {
  try {
    return await readOutputFacts(records);
  } catch (error) {
    if (error instanceof Failure) return { problem: error.message };
    throw error;
  }
}

const mostNamed = 3;

function named(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? `${some} and ${names.length - mostNamed} more` : some;
}

/** Ranges that a plan has and no valid shard is made of. Of a part that was never begun its state says enough. */
function missingShards(
  asked: readonly PartStatus[],
  { plans }: Books,
  standing: ReadonlySet<string>,
): string[] {
  const planOf = new Map<string, PartPlan>(plans.map((plan) => [partLabel(plan), plan]));
  return asked
    .filter(({ state, shards }) => state === "partial" || (state === "missing" && (shards.total ?? 0) > 0))
    .flatMap(({ label }) => planOf.get(label)?.ranges ?? [])
    .flatMap(({ shard }) => (standing.has(shard) ? [] : [shard]));
}

function unfinishedParts(parts: readonly PartStatus[]): string[] {
  const of = (state: PartStatus["state"]): PartStatus[] => parts.filter((part) => part.state === state);
  return [
    ...of("stale").map(({ label, error }) => `${label} is stale: ${error?.detail ?? "its source changed"}`),
    ...of("failed").map(({ label, error }) => `${label} failed${error === null ? "" : `: ${error.detail}`}`),
    ...(["partial", "missing", "queued", "running"] as const).flatMap((state) => {
      const labels = of(state).map(({ label }) => label);
      return labels.length === 0 ? [] : [`${named(labels)} ${labels.length === 1 ? "is" : "are"} ${state}`];
    }),
  ];
}
