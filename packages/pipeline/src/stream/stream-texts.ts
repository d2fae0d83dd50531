import { type PlannedMember, reject, type StreamedMember } from "@shardmill/core";

/** The rows of a table whose samples are text alone: all there is of them is planned already. */
export async function* streamTexts(members: readonly PlannedMember[]): AsyncGenerator<StreamedMember> {
  for (const { position, name, at } of members)
    yield typeof at.problem === "string"
      ? { position, name, kind: "rejected", rejection: reject("annotation_invalid", at.problem) }
      : {
          position,
          name,
          kind: "member",
          content: { kind: "images", images: [], record: null },
          sizeBytes: 0,
        };
}
