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
  readonly tokens: Manifest["tokens"];
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

type OriginView = Pick<BuildContext, "store" | "build" | "dataset">;
type OriginPart = Pick<RecordedPart, "subset" | "part" | "pieces">;

/** The shards that a part's ranges are made of, in the ranges' order. */
async function originShards(view: OriginView, part: OriginPart): Promise<OriginShard[]> {
  const records = originRecords(view.store, view.build.source);
  const planned = await originPlan(view, part);
  const manifests = new Map(
    (await records.listManifests(part)).map((manifest) => [manifest.shard, manifest]),
  );
  const supplements = [...manifests.values()]
    .filter(({ supplement }) => supplement !== null)
    .sort((a, b) => (a.supplement ?? 0) - (b.supplement ?? 0));
  const inOrder = [...planned.ranges.map(({ shard }) => manifests.get(shard)), ...supplements];
  return inOrder.map((manifest) => listedOrigin(view, part, manifest));
}

/** That of one range: of a part with many, no other manifest is read for it. */
export async function originShardOf(
  view: OriginView,
  part: OriginPart,
  range: number,
): Promise<OriginShard | undefined> {
  const shard = (await originPlan(view, part)).ranges[range]?.shard;
  // A supplement has no place in a plan.
  if (shard === undefined) return (await originShards(view, part))[range];
  const found = await originRecords(view.store, view.build.source).readManifest(shard);
  return listedOrigin(view, part, found.kind === "ok" ? found.value : undefined);
}

async function originPlan({ store, build, dataset }: OriginView, part: OriginPart): Promise<PartPlan> {
  const planned = await originRecords(store, build.source).readPlan(part);
  if (planned !== null) return planned;
  throw new Failure("source_changed", `${build.source.location} has no plan of ${partLabel(part)} any more`, {
    where: { dataset: dataset.name, part: partLabel(part) },
  });
}

/** The shard as it was when the part was listed; anything else is a changed source. */
function listedOrigin(
  { store, build, dataset }: OriginView,
  part: OriginPart,
  manifest: Manifest | undefined,
): OriginShard {
  if (manifest !== undefined) {
    const { shard, samples, tar, tokens } = manifest;
    if (tar === null) return { shard, samples, sha256: null, tokens };
    const path = originRecords(store, build.source).paths.tar(shard);
    if (part.pieces.find((piece) => piece.path === path)?.sha256 === tar.sha256)
      return { shard, samples, sha256: tar.sha256, tokens };
  }
  throw new Failure(
    "source_changed",
    `the shards of ${partLabel(part)} in ${build.source.location} have changed`,
    { where: { dataset: dataset.name, part: partLabel(part) } },
  );
}

/** Of a shard that is made of another output's, with its tokens; of a supplement, which may be made of several, none is told. */
export async function originOfRange(
  context: OriginView,
  { plan, range }: { readonly plan: PartPlan; readonly range: number | null },
): Promise<
  { readonly shard: NonNullable<Manifest["origin"]>; readonly tokens: Manifest["tokens"] } | undefined
> {
  if (plan.archive !== "shards" || range === null) return undefined;
  const origin = await originShardOf(context, plan, range);
  if (origin === undefined || origin.sha256 === null) return undefined;
  const { shard, sha256, tokens } = origin;
  return { shard: { dataset: context.build.source.location, shard, sha256 }, tokens };
}
