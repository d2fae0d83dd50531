import {
  type AnnotationFileFound,
  type Code,
  type Dataset,
  type FileIdentity,
  naturalOrder,
  type PartId,
  type PartListing,
  type PartRule,
  type PartsFound,
  partLabel,
  piecesBytes,
} from "@shardmill/core";
import { findAnnotationFiles } from "./find-annotation-files.ts";
import { type Candidates, gatherCandidates, type SubsetCandidates } from "./gather-candidates.ts";
import { notFetched, withdrawn } from "./lacking-media.ts";
import { listedFiles, placedPattern } from "./listed-files.ts";
import { completeSeries } from "./parquet-series.ts";
import { partNumbers } from "./part-numbers.ts";
import { pathPattern } from "./path-pattern.ts";
import { hasFirstPiece, pieceGap } from "./piece-order.ts";
import { strayArchives } from "./stray-archives.ts";
import { SubsetSpellings } from "./subset-clashes.ts";

/**
 * What the catalogue's rules make of a listing. Nothing is assumed about which numbers exist or which are split:
 * a pipeline that assumed it lost 26 of OpenVid's 186 parts.
 */
export function discoverParts(
  dataset: Dataset,
  files: readonly FileIdentity[],
  /** Whether all of it is asked for: else nobody is told of subsets that the listing lacks. */
  isAll = true,
): PartsFound {
  const sorted = [...files].sort((a, b) => naturalOrder(a.path, b.path));
  const claimed = new Set<string>();
  const remarks: string[] = [];
  const parts = new Map<string, PartListing>();
  const spellings = new SubsetSpellings();
  const listed = listedFiles(dataset, sorted);
  const doubts: string[] = [];
  const annotationFiles: AnnotationFileFound[] = findAnnotationFiles(dataset, listed, doubts);
  for (const { file } of annotationFiles) claimed.add(file.path);
  // Records that lie among loose media are no members of theirs.
  const records = new Set(claimed);
  for (const unplaced of dataset.parts) {
    const rule = placedRule(unplaced);
    const files = listed.of(unplaced.source);
    const loose = rule.archive === "images" ? files.filter(({ path }) => !records.has(path)) : files;
    const candidates = gatherCandidates(dataset, rule, { files: loose, isAll });
    spellings.add(candidates);
    for (const path of candidates.paths) claimed.add(path);
    remarks.push(...candidates.remarks);
    for (const part of partsOfRule(rule, candidates, remarks)) addPart(parts, part, remarks);
    for (const part of withdrawn(dataset, rule, candidates)) addPart(parts, part, remarks);
  }
  remarks.push(...doubts);
  for (const part of notFetched(dataset, [...parts.values()], annotationFiles)) addPart(parts, part, remarks);
  // Of a place that only records are read from, archives are nobody's concern.
  const ofParts = new Set([undefined, ...dataset.parts.map(({ source }) => source)].flatMap(listed.of));
  remarks.push(
    ...strayArchives([...ofParts].filter(({ path }) => !claimed.has(path)).map(({ path }) => path)),
  );
  return {
    parts: [...parts.values()].sort(partOrder),
    remarks,
    annotationFiles,
    clashes: spellings.clashes(),
  };
}

/** With its patterns as the listing of all places has them. */
function placedRule(rule: PartRule): PartRule {
  const { source, path, pieces } = rule;
  return {
    ...rule,
    path: placedPattern(path, source),
    ...(pieces !== undefined && { pieces: placedPattern(pieces, source) }),
  };
}

/** A part that two rules find: the first one wins, and it is said. Two subsets with one label are a clash instead. */
function addPart(parts: Map<string, PartListing>, part: PartListing, remarks: string[]): void {
  const id = `${part.subset ?? ""}\0${part.part}`;
  if (parts.has(id))
    remarks.push(`part ${part.label} is named twice by the catalogue's rules; the first one counts`);
  else parts.set(id, part);
}

function partOrder(a: PartId, b: PartId): number {
  if (a.subset !== b.subset) {
    if (a.subset === null) return -1;
    return b.subset === null ? 1 : naturalOrder(a.subset, b.subset);
  }
  return a.part - b.part;
}

function partsOfRule(rule: PartRule, candidates: Candidates, remarks: string[]): PartListing[] {
  const parts: PartListing[] = [];
  for (const [subset, found] of candidates.bySubset) {
    if (pathPattern(rule.path).placeholders.has("of")) {
      const series = completeSeries(subset, found.files, rule.archive);
      remarks.push(...series.remarks);
      parts.push(...series.parts);
      continue;
    }
    const expected = new Set(rule.numbers === undefined ? [] : partNumbers(rule.numbers));
    const numbers = new Set([...expected, ...found.files.keys(), ...found.pieces.keys()]);
    for (const number of numbers) {
      const id = { subset, part: number };
      const part = onePart(rule, id, { found, isExpected: expected.has(number) }, remarks);
      if (part !== null) parts.push(part);
    }
  }
  return parts;
}

/** Single file wins over pieces; pieces count only when they are contiguous from the first. */
function onePart(
  rule: PartRule,
  id: PartId,
  { found, isExpected }: { readonly found: SubsetCandidates; readonly isExpected: boolean },
  remarks: string[],
): PartListing | null {
  const files = (found.files.get(id.part) ?? []).map((candidate) => candidate.file);
  const pieces = found.pieces.get(id.part) ?? [];
  const names = pieces.map((piece) => piece.file.path).join(", ");
  const gap = pieces.length === 0 ? null : pieceGap(pieces.map((piece) => piece.letters));
  if (files.length > 0) {
    if (pieces.length > 0)
      remarks.push(`part ${partLabel(id)}: ${files[0]?.path} is used and ${names} ignored`);
    return present(rule, id, files);
  }
  if (pieces.length > 0 && gap === null)
    return present(
      rule,
      id,
      pieces.map((piece) => piece.file),
    );
  if (gap !== null) {
    remarks.push(`part ${partLabel(id)}: ${gap}, so ${names} is no part`);
    if (!isExpected && !hasFirstPiece(pieces.map((piece) => piece.letters))) return null;
    return absent(rule, id, "pieces_incomplete", `${gap}; the source has ${names}`);
  }
  return absent(rule, id, "part_absent", `the source has ${lookedFor(rule, id)}`);
}

function lookedFor(rule: PartRule, id: PartId): string {
  const file = `no ${pathPattern(rule.path).fill(id)}`;
  if (rule.pieces === undefined) return file;
  return `${file} and no ${pathPattern(rule.pieces).fill({ ...id, piece: "aa" })}`;
}

function present(rule: PartRule, id: PartId, pieces: readonly FileIdentity[]): PartListing {
  return {
    kind: "present",
    ...id,
    label: partLabel(id),
    archive: rule.archive,
    pieces,
    sizeBytes: piecesBytes(pieces),
  };
}

function absent(rule: PartRule, id: PartId, code: Code, reason: string): PartListing {
  return { kind: "absent", ...id, label: partLabel(id), archive: rule.archive, code, reason };
}
