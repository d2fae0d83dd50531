import { type Dataset, groupOfLine, memberGroup, type PartPlan } from "@shardmill/core";
import { isFrame } from "@shardmill/shards";
import { pictureGroup } from "../books/picture-group.ts";
import type { Work } from "../stream/stream-item.ts";
import type { Outcome } from "./outcome.ts";

/** What became of a member, with the group of what was packed. */
export function withGroup(
  dataset: Dataset,
  { subset }: Pick<PartPlan, "subset">,
  { group: before, streamed }: Work,
  outcome: Outcome,
): Outcome {
  const { line, samples } = outcome;
  const [first] = samples;
  if (line.outcome !== "packed" || first === undefined) return outcome;
  // Its name is its key: where its origin did not tell, whoever reads this ledger asks again.
  const isOfOutput = streamed.kind === "member" && streamed.content.kind === "sample";
  if (isOfOutput && before === undefined) return outcome;
  const told = groupOfLine(dataset, subset, { ...line, group: before });
  const pictures = first.members.filter(({ suffix }) => isFrame(suffix)).map(({ bytes }) => bytes);
  const group = told ?? pictureGroup(pictures) ?? memberGroup(line);
  return { ...outcome, line: { ...line, group } };
}
