import { sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  type LedgerLine,
  memberIdentity,
  outcomeOf,
  type PlannedMember,
  type Rejection,
  reject,
} from "@shardmill/core";
import { recordRead } from "../annotations/record-read.ts";
import { besideSets, withTexts } from "../annotations/texts-beside.ts";
import { filteredByRecords, type SampleRules } from "../annotations/where-records.ts";
import { refuseByName } from "./member-names.ts";

/** A member as an archive's directory shows it. `at` is the archive's own address of it. */
export interface ListedMember {
  readonly position: number;
  readonly name: string;
  readonly at: Record<string, unknown>;
  /** A run of pictures in one folder, which has no file name to judge. */
  readonly isFolder?: boolean;
}

/** A member's records; that several media could be meant; or why its record cannot be read. */
export type Matches = readonly AnnotationRecord[] | "ambiguous" | Rejection;

export interface Judged {
  readonly planned: PlannedMember[];
  readonly leftOut: LedgerLine[];
  readonly annotationsUsed: number;
}

/**
 * Decides, before anything is decoded, which members become samples: by name, by duplicate name within the part (the
 * first counts), by annotation, by what the recipe asks of its fields. `seen` carries the names met so far, so that a stream can be judged in batches.
 */
export function judgeMembers(
  rules: SampleRules,
  listed: readonly ListedMember[],
  matches: readonly Matches[],
  seen: Set<string>,
): Judged {
  const { dataset } = rules;
  const planned: PlannedMember[] = [];
  const leftOut: LedgerLine[] = [];
  const read = recordRead(dataset);
  let annotationsUsed = 0;
  const beside = besideSets(dataset);
  listed.forEach((member, index) => {
    const matched = matches[index] ?? [];
    const found = isRecords(matched) ? withTexts(beside, matched) : matched;
    const refused = refuse(rules, member, found, seen);
    if (refused !== null) {
      leftOut.push(leftOutLine(member, refused));
      // Its records have found their member.
      if (refused.code === "filtered") annotationsUsed += isRecords(matched) ? matched.length : 0;
    } else if (isRecords(found) && isRecords(matched)) {
      annotationsUsed += matched.length;
      planned.push({
        position: member.position,
        name: member.name,
        at: member.at,
        records: found.map(read),
      });
    }
  });
  return { planned, leftOut, annotationsUsed };
}

function refuse(
  rules: SampleRules,
  { name, isFolder }: ListedMember,
  found: Matches,
  seen: Set<string>,
): Rejection | null {
  const { dataset } = rules;
  const byName = isFolder === true ? null : refuseByName(dataset, name);
  if (byName !== null) return byName;
  const identity = memberIdentity(dataset, name);
  if (seen.has(identity)) return reject("duplicate_name", `another member of this part is named ${identity}`);
  seen.add(identity);
  if (found === "ambiguous")
    return reject("ambiguous_annotation", "several media of the annotations match this name");
  if (!isRecords(found)) return found;
  if (found.length === 0) return reject("no_annotation", "no record of the annotations names this member");
  const text = sampleText(dataset, found);
  if (text.kind === "rejected" && outcomeOf(text.rejection.code) === "skipped") return text.rejection;
  return filteredByRecords(rules, name, found);
}

function isRecords(found: Matches): found is readonly AnnotationRecord[] {
  return Array.isArray(found);
}

export function leftOutLine(member: { position: number; name: string }, rejection: Rejection): LedgerLine {
  return {
    position: member.position,
    member: member.name,
    outcome: outcomeOf(rejection.code),
    key: null,
    code: rejection.code,
    detail: rejection.detail,
    attempt: 1,
    frames: null,
  };
}
