import { nameParts } from "@shardmill/core";
import type { BuildStatus, PartStatus } from "@shardmill/pipeline";
import { ApiProblem, wrongUse } from "../secure/api-problem.ts";

/** The parts that a query names, in the ways of `--parts`. One that does not exist is not found. */
export function namedParts(status: BuildStatus, text: string): PartStatus[] {
  const { dataset: name, subsetNames } = status;
  const named = nameParts({ name, subsetNames }, status.parts, [{ list: "parts", text }]);
  if (named.kind === "parts") return named.parts;
  throw named.kind === "unknown" ? ApiProblem.notFound(named.message) : wrongUse(named.message);
}

/** The one part that an address names. */
export function onlyPart(status: BuildStatus, text: string): PartStatus {
  // Labels are the names of the service's own answers, whatever else a word may mean.
  const labelled = status.parts.find(({ label }) => label === text);
  if (labelled !== undefined) return labelled;
  const [first, ...others] = namedParts(status, text);
  if (first !== undefined && others.length === 0) return first;
  throw wrongUse(`${text} names ${others.length + 1} parts, and one was expected`);
}
