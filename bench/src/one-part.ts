import { fileURLToPath } from "node:url";
import { loadCatalogue } from "@shardmill/catalogue";
import { localRateGate, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type BuildContext, openBuild, planBuild, preparePart } from "@shardmill/pipeline";

/** Where nobody answers. */
export const noHub = "http://127.0.0.1:9";

interface PlannedPart {
  readonly build: BuildContext;
  readonly part: { readonly subset: null; readonly part: number };
  readonly tasks: Awaited<ReturnType<typeof preparePart>>;
}

/** A folder that `writeRepo` wrote, or the hub that serves it, planned as a build plans it, in this process. */
export async function planOnePart(
  outRoot: string,
  source: { readonly repo: string | null; readonly hubEndpoint: string },
  samplesPerShard: number,
  signal: AbortSignal,
): Promise<PlannedPart> {
  const surroundings = {
    outRoot,
    hubEndpoint: source.hubEndpoint,
    hubToken: null,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: "bench",
  };
  const folder = fileURLToPath(new URL("../../config/datasets", import.meta.url));
  const dataset = (await loadCatalogue(folder)).get("openvid-1m");
  const request = {
    dataset,
    sourceFolder: source.repo,
    parts: null,
    settings: [`samplesPerShard=${samplesPerShard}`],
    rebuild: false,
    toolchain: readToolchain,
  };
  await planBuild(request, surroundings, signal);
  const build = await openBuild(dataset.name, surroundings, signal);
  const part = { subset: null, part: 0 };
  const order = { kind: "missing" } as const;
  return { build, part, tasks: await preparePart(build, part, { order, run: 1 }, signal) };
}
