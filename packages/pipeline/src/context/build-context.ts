import type { Roots } from "@shardmill/catalogue";
import type { BuildRecord, Clock, Dataset, RateGate, Source } from "@shardmill/core";
import { Failure, furtherSources } from "@shardmill/core";
import {
  type Bandwidth,
  openCache,
  openSource,
  type SourceIncident,
  type SourceSpec,
} from "@shardmill/sources";
import { openRecords, openStore, processes, type Records, type Store } from "@shardmill/store";
import type { TokenizerParts } from "@shardmill/text";
import { outputSource } from "./output-source.ts";
import { recordedTokenizer } from "./recorded-tokenizer.ts";
import { openPlaces, type PlaceSpec, recordedPlace } from "./source-places.ts";

/** What a process brings along: where its output root is, how it reaches the network. No part of a build's identity. */
export interface Surroundings {
  /** The output root on this machine; other workers may know the same storage under another path. */
  readonly outRoot: string;
  readonly hubEndpoint: string;
  readonly hubToken: string | null;
  readonly gate: RateGate;
  readonly clock: Clock;
  /** Host and process, for manifests and messages. */
  readonly worker: string;
  readonly bandwidth?: Bandwidth;
  readonly cache?: { readonly dir: string; readonly limitBytes: number };
  /** How long a silent connection is borne, and how long to wait before a first retry. Defaults are the source's. */
  readonly idleTimeoutMs?: number;
  readonly firstBackoffMs?: number;
  /** Whether links of a URL list may lead into this machine's own networks. Default false. */
  readonly allowPrivateUrls?: boolean;
  /** Only what would be done is asked for: nothing is written, what is found out on the way included. */
  readonly isLook?: boolean;
  readonly onIncident?: (incident: SourceIncident) => void;
  /** Folders of this machine that hold media which the source does not. */
  readonly roots?: Roots;
}

/** An opened build: its record, its source at the recorded revision, its output. */
export interface BuildContext {
  readonly build: BuildRecord;
  readonly dataset: Dataset;
  readonly source: Source;
  readonly store: Store;
  readonly records: Records;
  readonly surroundings: Surroundings;
  /** What makes tokens of its texts; null where they stay as they are. */
  readonly tokenizer: TokenizerParts | null;
}

/** Opens what `build.json` describes. A Failure says what is missing. */
export async function openBuild(
  datasetName: string,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<BuildContext> {
  const store = await openStore(surroundings.outRoot);
  const records = openRecords(store, datasetName, { isLook: surroundings.isLook });
  const build = await records.readBuild();
  if (build === null) {
    throw new Failure("wrong_use", `there is no build of ${datasetName} in this output folder`, {
      where: { dataset: datasetName },
    });
  }
  const source = await openRecordedSource(build, { store, surroundings }, signal);
  const tokenizer = (await recordedTokenizer(records, build))?.parts ?? null;
  return { build, dataset: build.dataset, source, store, records, surroundings, tokenizer };
}

async function openRecordedSource(
  build: BuildRecord,
  { store, surroundings }: { readonly store: Store; readonly surroundings: Surroundings },
  signal: AbortSignal,
): Promise<Source> {
  if (build.source.kind === "output") return outputSource(store, build.source.location);
  const own = await openSourceOf(specOf(build, surroundings), surroundings, signal);
  const places = placesOf(build, surroundings);
  return (await openPlaces(own, places, (spec) => openSourceOf(spec, surroundings, signal))).source;
}

function placesOf({ dataset, sources }: BuildRecord, surroundings: Surroundings): PlaceSpec[] {
  return [...furtherSources(dataset)].map(([prefix, further]) => {
    const recorded = sources?.find((place) => place.prefix === prefix);
    if (recorded !== undefined) return recordedPlace(further, recorded, surroundings);
    throw new Failure("record_invalid", `the build has not recorded where ${prefix} is`, {
      where: { path: "build.json" },
    });
  });
}

function specOf({ dataset, source }: BuildRecord, { hubEndpoint, hubToken }: Surroundings): SourceSpec {
  if (source.kind === "folder") return { kind: "folder", path: source.location };
  if (source.kind === "http" && dataset.source.kind === "http") return { ...dataset.source };
  if (source.kind === "hub" && dataset.source.kind === "hub") {
    return {
      kind: "hub",
      repo: dataset.source.repo,
      revision: source.revision ?? dataset.source.revision,
      endpoint: source.location,
      // A record that names another host must not lead the token there.
      token: source.location === hubEndpoint ? hubToken : null,
    };
  }
  throw new Failure("record_invalid", `the build's source ${source.name} does not fit its dataset`, {
    where: { path: "build.json" },
  });
}

export async function openSourceOf(
  spec: SourceSpec,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Source> {
  const { gate, clock, bandwidth, onIncident, cache, idleTimeoutMs, firstBackoffMs } = surroundings;
  const source = await openSource(
    spec,
    {
      gate,
      clock,
      ...(bandwidth && { bandwidth }),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      ...(firstBackoffMs !== undefined && { firstBackoffMs }),
      ...(onIncident && { onIncident }),
    },
    signal,
  );
  return cache === undefined || spec.kind === "folder" ? source : openCache(cache, source, processes);
}
