import {
  countLines,
  Failure,
  hashOf,
  type Manifest,
  type PartPlan,
  partLabel,
  shardName,
} from "@shardmill/core";
import { annotationIdentityOf } from "../annotations/annotation-identity.ts";
import type { BuildContext } from "../context/build-context.ts";
import { originRecords } from "../context/output-source.ts";
import type { RecordedPart } from "../context/part-source.ts";
import { contentIdOf } from "./part-content.ts";
import { type PlannedPart, planHead } from "./planned-part.ts";

/** A shard of another output, whose samples are the members of one range. */
export interface OriginShard {
  readonly shard: string;
  readonly samples: number;
  /** Null where it has packed nothing. */
  readonly sha256: string | null;
}

/**
 * A part of another output's shards: a range of each, in their order, its supplements behind them, so that the ranges have the
 * numbers that they would have if they were milled. Its members are the samples, numbered through.
 */
export async function planShards(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<PlannedPart> {
  const shards = await originShards(context, part);
  let before = 0;
  const ranges = shards.map(({ samples, sha256 }, range): PartPlan["ranges"][number] => {
    const first = before;
    before += samples;
    return {
      range,
      shard: shardName(context.dataset.name, part, range),
      first,
      last: Math.max(first, before - 1),
      members: samples,
      startByte: 0,
      endByte: 0,
      digest: hashOf({ shard: sha256, first, samples }),
    };
  });
  const plan: PartPlan = {
    ...planHead(
      context,
      part,
      await contentIdOf(context, part, signal),
      await annotationIdentityOf(context, part.subset, signal),
    ),
    open: false,
    members: before,
    leftOut: countLines([]),
    annotationsUsed: before,
    ranges,
    remarks: [],
  };
  return { plan, members: [], leftOut: [] };
}

/** The shards that a part's ranges are made of, in the ranges' order. */
export async function originShards(
  { store, build, dataset }: Pick<BuildContext, "store" | "build" | "dataset">,
  part: Pick<RecordedPart, "subset" | "part" | "pieces">,
): Promise<OriginShard[]> {
  const records = originRecords(store, build.source);
  const planned = await records.readPlan(part);
  const where = { dataset: dataset.name, part: partLabel(part) };
  if (planned === null)
    throw new Failure(
      "source_changed",
      `${build.source.location} has no plan of ${partLabel(part)} any more`,
      { where },
    );
  const manifests = new Map(
    (await records.listManifests(part)).map((manifest) => [manifest.shard, manifest]),
  );
  const supplements = [...manifests.values()]
    .filter(({ supplement }) => supplement !== null)
    .sort((a, b) => (a.supplement ?? 0) - (b.supplement ?? 0));
  const inOrder = [...planned.ranges.map(({ shard }) => manifests.get(shard)), ...supplements];
  const expected = new Map(part.pieces.map(({ path, sha256 }) => [path, sha256]));
  return inOrder.map((manifest) => {
    const isListed =
      manifest !== undefined &&
      (manifest.tar === null || expected.get(records.paths.tar(manifest.shard)) === manifest.tar.sha256);
    if (!isListed)
      throw new Failure(
        "source_changed",
        `the shards of ${partLabel(part)} in ${build.source.location} have changed`,
        {
          where,
        },
      );
    return originOf(manifest);
  });
}

/** Of a shard that is made of another output's; of a supplement, which may be made of several, none is told. */
export async function originOfRange(
  context: Pick<BuildContext, "store" | "build" | "dataset">,
  { plan, range }: { readonly plan: PartPlan; readonly range: number | null },
): Promise<Manifest["origin"]> {
  if (plan.archive !== "shards" || range === null) return undefined;
  const origin = (await originShards(context, plan))[range];
  if (origin === undefined || origin.sha256 === null) return undefined;
  return { dataset: context.build.source.location, shard: origin.shard, sha256: origin.sha256 };
}

function originOf({ shard, samples, tar }: Manifest): OriginShard {
  return { shard, samples, sha256: tar?.sha256 ?? null };
}
