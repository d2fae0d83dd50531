import { type PartId, partLabel } from "@shardmill/core";
import { attemptsOf, buildTimeOf, isLeftToServices, readPartLog, readTimeSigns } from "@shardmill/owner";
import { partsToDo, selectRetry } from "@shardmill/pipeline";
import { z } from "zod";
import type { BuildDetail, BuildSummary, PartDetail, Shard } from "../contract/index.ts";
import { runningShardOf } from "../live/live-feed.ts";
import type { BuildSigns, Service } from "../service.ts";
import { budgetOf } from "./budget.ts";
import type { BuildNow } from "./build-now.ts";
import { onlyPart } from "./named-parts.ts";
import { countStates, partOf, remarkOf } from "./status-now.ts";

export async function summaryOfBuild(service: Service, now: BuildNow): Promise<BuildSummary> {
  const { build, status, queue } = now;
  const { byCode, tokens, ...totals } = status.totals;
  const signs = await signsOf(service, now);
  return {
    dataset: status.dataset,
    title: build.dataset.title,
    build: build.build,
    createdAt: build.createdAt,
    control: queue.control,
    queueProblem: queue.problem,
    active: queue.active,
    awaited: signs.isAwaited,
    time: buildTimeOf(
      { ...signs, oldestRun: queue.oldestRun, newestAt: status.newestAt },
      service.clock.now(),
    ),
    parts: status.parts.length,
    states: countStates(status.parts),
    totals: {
      ...totals,
      partsToDo: partsToDo(status.parts),
      byCode: { ...byCode },
      tokens: tokens === null ? null : { ...tokens },
      shards: now.books.manifests.filter(({ tar }) => tar !== null).length,
    },
    meter: await service.feed.meterOf(status.dataset),
  };
}

function signsOf(service: Service, { status: { dataset }, queue }: BuildNow): Promise<BuildSigns> {
  const { records } = service.books(dataset);
  return service.signs.of(dataset, async () => ({
    ...(await readTimeSigns(records)),
    // A run that cannot be read is told by its owner, who has to.
    isAwaited: !queue.active && (await isLeftToServices(records).catch(() => false)),
  }));
}

export async function detailOfBuild(
  service: Service,
  now: BuildNow,
  request: BuildDetail["request"],
): Promise<BuildDetail> {
  const { build, queue } = now;
  const { kind, name, revision } = build.source;
  return {
    ...(await summaryOfBuild(service, now)),
    entry: build.entry,
    source: { kind, name, revision },
    license: build.dataset.license,
    homepage: build.dataset.homepage ?? null,
    recipe: z.record(z.string(), z.json()).parse(build.recipe),
    recipeHash: build.recipeHash,
    toolchain: { ...build.toolchain },
    remarks: [...build.remarks],
    annotationRemarks: now.status.annotationRemarks.map(remarkOf),
    partRemarks: partRemarksOf(now),
    retries: retriesOf(now),
    request,
    jobs: queue.jobs,
    running: queue.progress.map((one) => runningShardOf({ ...one, detail: one.progress })),
    budget: budgetOf(now, (await service.eye.now()).workers, await service.freeBytes()),
  };
}

/** What the page's buttons would start: the same selection that starts it. */
function retriesOf({ status }: BuildNow): BuildDetail["retries"] {
  return {
    missing: selectRetry(status, { kind: "missing", parts: null }).length,
    missingOfAll: selectRetry(status, { kind: "missing", parts: null, all: true }).length,
    failed: selectRetry(status, { kind: "failed", parts: null }).length,
    stale: selectRetry(status, { kind: "stale", parts: null }).length,
  };
}

function partRemarksOf({ status }: BuildNow): BuildDetail["partRemarks"] {
  const byCode = new Map<string, BuildDetail["partRemarks"][number]>();
  for (const { label, remarks } of status.parts) {
    for (const remark of remarks) {
      const known = byCode.get(remark.code) ?? { ...remarkOf(remark), count: 0, parts: 0, first: label };
      byCode.set(remark.code, { ...known, count: known.count + remark.count, parts: known.parts + 1 });
    }
  }
  return [...byCode.values()];
}

export function shardOf(manifest: BuildNow["books"]["manifests"][number]): Shard {
  const { shard, range, supplement, samples, frames, tar, counts, firstKey, lastKey, made } = manifest;
  const { members, packed, failed, skipped } = counts;
  const { worker, committedAt, seconds, bytesRead, retriedClips } = made;
  return {
    shard,
    part: partLabel(manifest),
    range,
    supplement,
    samples,
    frames,
    bytes: tar?.bytes ?? 0,
    members,
    packed,
    failed,
    skipped,
    firstKey,
    lastKey,
    worker,
    committedAt,
    seconds,
    bytesRead,
    retriedClips,
  };
}

export async function detailOfPart(service: Service, now: BuildNow, name: string): Promise<PartDetail> {
  const { build, status, books } = now;
  const part = onlyPart(status, name);
  const { label } = part;
  const listed = build.parts.find((candidate) => partLabel(candidate) === label);
  const isOwn = (record: PartId): boolean => partLabel(record) === label;
  const plan = books.plans.find(isOwn) ?? null;
  const end = books.ends.find(isOwn) ?? null;
  const shards = books.manifests.filter(isOwn).map(shardOf);
  const standing = new Set(shards.map(({ shard }) => shard));
  const log = await logOfPart(service, status.dataset, label);
  return {
    part: partOf(part),
    pieces: listed?.pieces.map(({ path, sizeBytes }) => ({ path, sizeBytes })) ?? [],
    shards,
    open:
      plan?.ranges
        .filter(({ shard }) => !standing.has(shard))
        .map(({ range, shard, members }) => ({ range, shard, members })) ?? null,
    end: end === null ? null : { state: end.state, code: end.code, detail: end.detail, endedAt: end.endedAt },
    log: log.slice(-mostLines),
    attempts: attemptsOf(log).toReversed().slice(0, mostLines),
  };
}

const mostLines = 200;

/** What is kept beside the records, and what has been heard since it was written; whoever hears the same makes the same line. */
async function logOfPart(service: Service, dataset: string, label: string): Promise<PartDetail["log"]> {
  const kept = await readPartLog(service.books(dataset).records, label);
  const known = new Set(kept.map((line) => JSON.stringify(line)));
  const since = service.feed.linesOf(dataset, label).filter((line) => !known.has(JSON.stringify(line)));
  return [...kept, ...since];
}
