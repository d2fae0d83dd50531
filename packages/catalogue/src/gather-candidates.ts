import { type Dataset, type FileIdentity, nameForm, type PartRule, subsetNameOf } from "@shardmill/core";
import { type PathPattern, pathPattern } from "./path-pattern.ts";
import { pieceIndex } from "./piece-order.ts";

export interface SeriesFile {
  readonly file: FileIdentity;
  readonly of: number | null;
}

interface PieceFile {
  readonly file: FileIdentity;
  /** `aa` or `001`. */
  readonly letters: string;
}

/** The files of one subset that a rule speaks of, by part number. */
export interface SubsetCandidates {
  readonly files: Map<number, SeriesFile[]>;
  readonly pieces: Map<number, PieceFile[]>;
  /** The names that the source's paths have for it. */
  readonly spellings: Set<string>;
}

export interface Candidates {
  readonly dataset: Dataset;
  readonly bySubset: Map<string | null, SubsetCandidates>;
  readonly paths: Set<string>;
  readonly remarks: string[];
}

/** Sorts the listing's files under a rule; decides nothing about them yet. */
export function gatherCandidates(
  dataset: Dataset,
  rule: PartRule,
  { files, isAll }: { readonly files: readonly FileIdentity[]; readonly isAll: boolean },
): Candidates {
  const candidates: Candidates = { dataset, bySubset: new Map(), paths: new Set(), remarks: [] };
  const whole = pathPattern(rule.path);
  const pieces = rule.pieces === undefined ? null : pathPattern(rule.pieces);
  for (const file of files) {
    if (takeWhole(rule, whole, file, candidates)) candidates.paths.add(file.path);
    else if (pieces !== null && takePiece(rule, pieces, file, candidates)) candidates.paths.add(file.path);
  }
  expectSubsets(rule, whole, candidates, isAll);
  return candidates;
}

function takeWhole(
  rule: PartRule,
  pattern: PathPattern,
  file: FileIdentity,
  candidates: Candidates,
): boolean {
  const match = pattern.match(file.path);
  const subset = match?.subset ?? rule.subset ?? null;
  if (match === null || !isSpokenOf(rule, subset)) return false;
  const { files, spellings } = subsetOf(candidates, subset);
  if (subset !== null) spellings.add(subset);
  const number = match.part ?? 0;
  const known = files.get(number);
  if (known === undefined) files.set(number, [{ file, of: match.of }]);
  // A series may hold a number twice (two runs); a folder of images is one part of many files.
  else if (match.of !== null || rule.archive === "images") known.push({ file, of: match.of });
  else candidates.remarks.push(`${file.path} names the same part as ${known[0]?.file.path} and is ignored`);
  return true;
}

function takePiece(
  rule: PartRule,
  pattern: PathPattern,
  file: FileIdentity,
  candidates: Candidates,
): boolean {
  const match = pattern.match(file.path);
  const subset = match?.subset ?? rule.subset ?? null;
  if (match === null || match.piece === null || !isSpokenOf(rule, subset)) return false;
  const { pieces, spellings } = subsetOf(candidates, subset);
  if (subset !== null) spellings.add(subset);
  const number = match.part ?? 0;
  const known = pieces.get(number) ?? [];
  known.push({ file, letters: match.piece });
  known.sort((a, b) => pieceIndex(a.letters) - pieceIndex(b.letters));
  pieces.set(number, known);
  return true;
}

function isSpokenOf(rule: PartRule, subset: string | null): boolean {
  if (rule.subsets === undefined) return true;
  return subset !== null && rule.subsets.some((name) => nameForm(name) === nameForm(subset));
}

/** Subsets that the catalogue names and the listing lacks: absent parts where numbers are expected, else one remark. */
function expectSubsets(rule: PartRule, pattern: PathPattern, candidates: Candidates, isAll: boolean): void {
  const known = candidates.bySubset;
  if (!pattern.placeholders.has("subset")) {
    if (rule.numbers !== undefined || known.size > 0) subsetOf(candidates, rule.subset ?? null);
    return;
  }
  const lacking = (rule.subsets ?? []).filter(
    (subset) => !known.has(subsetNameOf(candidates.dataset, subset)),
  );
  if (rule.numbers !== undefined) for (const subset of lacking) subsetOf(candidates, subset);
  else if (isAll && lacking.length > 0)
    candidates.remarks.push(
      `${lacking.length} of ${rule.subsets?.length} subsets have no file like ${rule.path}: ${lacking.join(", ")}`,
    );
}

function subsetOf(candidates: Candidates, source: string | null): SubsetCandidates {
  const subset = source === null ? null : subsetNameOf(candidates.dataset, source);
  const known = candidates.bySubset.get(subset) ?? {
    files: new Map(),
    pieces: new Map(),
    spellings: new Set(),
  };
  candidates.bySubset.set(subset, known);
  return known;
}
