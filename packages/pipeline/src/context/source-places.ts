import {
  type BuildRecord,
  type FurtherSource,
  placePrefix,
  type RecordedPlace,
  type Source,
} from "@shardmill/core";
import { joinPlaces, type SourceSpec } from "@shardmill/sources";

/** A further place of a dataset with where it is looked for. */
export interface PlaceSpec {
  readonly prefix: string;
  readonly spec: SourceSpec;
}

interface Endpoint {
  readonly hubEndpoint: string;
  readonly hubToken: string | null;
}

/** As the catalogue has it: a branch is resolved when it is opened. */
export function placeSpec(further: FurtherSource, { hubEndpoint, hubToken }: Endpoint): PlaceSpec {
  const prefix = placePrefix(further);
  if (further.kind !== "hub") return { prefix, spec: further };
  return { prefix, spec: { ...further, endpoint: hubEndpoint, token: hubToken } };
}

/** As a build has recorded it, at its commit. A record that names another host must not lead the token there. */
export function recordedPlace(further: FurtherSource, recorded: RecordedPlace, of: Endpoint): PlaceSpec {
  const { prefix, revision, location } = recorded;
  if (further.kind !== "hub") return { prefix, spec: further };
  const token = location === of.hubEndpoint ? of.hubToken : null;
  return {
    prefix,
    spec: { ...further, revision: revision ?? further.revision, endpoint: location, token },
  };
}

/** The dataset's own source and its further places as one. */
export async function openPlaces(
  own: Source,
  places: readonly PlaceSpec[],
  open: (spec: SourceSpec) => Promise<Source>,
): Promise<{ readonly source: Source; readonly recorded: RecordedPlace[] }> {
  const further = new Map<string, Source>();
  const recorded: RecordedPlace[] = [];
  for (const { prefix, spec } of places) {
    const place = await open(spec);
    further.set(prefix, place);
    recorded.push({
      prefix,
      kind: spec.kind,
      name: place.name,
      revision: place.revision,
      location: placeLocation(spec),
    });
  }
  return { source: joinPlaces(own, further), recorded };
}

export function placeLocation(spec: SourceSpec): string {
  switch (spec.kind) {
    case "hub":
      return spec.endpoint;
    case "folder":
      return spec.path;
    case "http":
      return spec.base;
    default:
      return spec satisfies never;
  }
}

/** What kind of place a listed file lies in. */
export function sourceKindOf(
  { source, sources }: Pick<BuildRecord, "source" | "sources">,
  path: string,
): BuildRecord["source"]["kind"] {
  return sources?.find(({ prefix }) => path.startsWith(prefix))?.kind ?? source.kind;
}
