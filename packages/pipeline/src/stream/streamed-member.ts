import type { PlannedMember } from "@shardmill/core";
import { leftOutMember } from "../plan/left-out-member.ts";
import type { StreamItem } from "./stream-item.ts";

/**
 * The members of a stream, as they are listed beside its plan: those that became work, with their records, and those
 * that were left out, by the archive itself or by name and annotation. The list says what a change of annotations changes.
 */
export function streamedMember(item: StreamItem): PlannedMember {
  return item.kind === "work" ? item.planned : leftOutMember(item.line, item.by, item.isFolder);
}
