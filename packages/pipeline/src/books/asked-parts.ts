import { type BuildRecord, type PartId, partLabel } from "@shardmill/core";

type Asked = NonNullable<BuildRecord["asked"]>;

/** What requests of an output have asked for once one more does: everything, or these parts. */
export function askedAfter(
  before: Pick<BuildRecord, "asked" | "selected" | "parts"> | null,
  everything: boolean,
  parts: readonly PartId[],
): Asked {
  const known = before === null ? { everything: false, parts: [] } : askedOf(before);
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

/** Of a record that does not tell, the last request stands for all: everything, if it took every part there is. */
export function askedOf({
  asked,
  selected,
  parts,
}: Pick<BuildRecord, "asked" | "selected" | "parts">): Asked {
  if (asked !== undefined) return asked;
  const labels = new Set(selected.map(partLabel));
  const everything = parts.every(
    (part) => part.absent !== null || part.archive === "roots" || labels.has(partLabel(part)),
  );
  return { everything, parts: selected };
}
