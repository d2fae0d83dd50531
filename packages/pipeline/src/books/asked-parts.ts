import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";

type Asked = BuildRecord["asked"];

/** What requests of an output have asked for once one more does: everything, or these parts. */
export function askedAfter(
  before: Pick<BuildRecord, "asked"> | null,
  everything: boolean,
  parts: readonly PartId[],
): Asked {
  const known = before?.asked ?? { everything: false, parts: [] };
  const all = new Map([...known.parts, ...parts].map((id) => [partLabel(id), id]));
  return {
    everything: everything || known.everything,
    parts: [...all.values()].map(({ subset, part }) => ({ subset, part })),
  };
}

/** The build after a request of its output, such as a retry, that names parts or all of them. */
export function withAsked(build: BuildRecord, everything: boolean, parts: readonly PartId[]): BuildRecord {
  return { ...build, asked: askedAfter(build, everything, parts) };
}
