import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";
import type { PartOrder } from "@shardmill/pipeline";
import type { BuildRequest, MillQueue } from "@shardmill/queue";

export interface OrderedPart {
  readonly part: PartId;
  readonly order: PartOrder;
}

/** The parts of a request as jobs. Every retry has a run number of its own, so that an ended job does not stand in its way. */
function jobsOfBuild(build: BuildRecord, parts: readonly OrderedPart[], run: number): BuildRequest {
  return {
    build: build.build,
    run,
    dataset: build.dataset.name,
    parts: parts.map(({ part, order }) => ({
      label: partLabel(part),
      subset: part.subset,
      part: part.part,
      payload: order,
    })),
  };
}

/** Adds the jobs of a request. Returns the request, with which the owner later adds again what has vanished. */
export async function enqueueBuild(
  queue: MillQueue,
  build: BuildRecord,
  parts: readonly OrderedPart[],
  run: number,
): Promise<BuildRequest> {
  const request = jobsOfBuild(build, parts, run);
  await queue.enqueueBuild(request);
  return request;
}
