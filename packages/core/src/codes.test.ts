import { describe, expect, it } from "vitest";
import { type Code, codes, isCode, retryableSampleCodes } from "./codes.ts";
import { partCodes } from "./part-codes.ts";
import { sampleCodes } from "./sample-codes.ts";

const rows = Object.entries(codes);
const codesOf = (kind: string): string[] =>
  rows.filter(([, entry]) => entry.kind === kind).map(([code]) => code);

/**
 * Codes that ledgers and records in the world hold, by kind. A code never goes and never changes its kind, so that
 * nothing is taken away from here; a new code may be added.
 */
const given = {
  skipped: `no_annotation duplicate_name unsafe_name not_media image_bytes_missing external_source
    ambiguous_annotation`,
  failed: `bad_crc member_truncated member_encrypted member_method_unknown member_malformed member_type_unsupported
    bomb_suspected empty_member annotation_invalid no_video_stream zero_frames decode_truncated decode_error too_large
    decoder_crash decode_timeout decode_oom image_undecodable url_dead url_refused`,
  part: `part_absent pieces_incomplete series_incomplete archive_malformed archive_truncated annotations_invalid
    source_changed source_suspect source_gated source_unauthorized source_not_found source_unreachable
    source_rate_limited source_invalid output_unwritable output_full output_conflict output_io shard_invalid
    books_unbalanced record_invalid recipe_changed toolchain_mismatch decoder_unavailable build_locked
    queue_unreachable queue_unfit worker_failed worker_lost wrong_use`,
  note: `duplicate_annotation value_not_finite leading_bytes trailing_bytes colour_tags_ignored`,
};

describe("the table of codes", () => {
  it.each(rows)("%s is a word of its own with a kind, a meaning and a remedy", (code, entry) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(Object.keys(given)).toContain(entry.kind);
    for (const text of [entry.meaning, entry.remedy]) {
      expect(text.trim()).toBe(text);
      expect(text).toMatch(/^\S.{4,}[^.!]$/);
    }
  });

  it("is two tables without a code in common: samples are skipped or fail, the rest is of parts", () => {
    expect(Object.keys(sampleCodes).filter((code) => Object.hasOwn(partCodes, code))).toEqual([]);
    expect(rows).toHaveLength(Object.keys(sampleCodes).length + Object.keys(partCodes).length);
    const kinds = (table: Record<string, { kind: string }>) =>
      [...new Set(Object.values(table).map(({ kind }) => kind))].sort();
    expect(kinds(sampleCodes)).toEqual(["failed", "skipped"]);
    expect(kinds(partCodes)).toEqual(["note", "part"]);
  });

  it("has no two codes of one meaning", () => {
    expect(new Set(rows.map(([, { meaning }]) => meaning)).size).toBe(rows.length);
  });

  it.each(Object.entries(given))("keeps every code that was ever %s", (kind, text) => {
    expect(codesOf(kind)).toEqual(expect.arrayContaining(text.split(/\s+/)));
  });

  it("calls nothing retryable that was left out on purpose or cost no member", () => {
    const idle = rows.filter(([, { kind }]) => kind === "skipped" || kind === "note");
    expect(idle.filter(([, { retryable }]) => retryable)).toEqual([]);
  });
});

it("isCode knows the codes and nothing that every object has", () => {
  expect(rows.every(([code]) => isCode(code))).toBe(true);
  for (const text of ["", "decode error", "DECODE_ERROR", "constructor", "__proto__", "toString"])
    expect(isCode(text), text).toBe(false);
});

it("a retry of failed samples takes those that may end differently, and no part's codes", () => {
  const taken = retryableSampleCodes();
  expect(taken).toEqual(expect.arrayContaining<Code>(["bad_crc", "decode_timeout", "url_dead"]));
  expect(taken).not.toContain("zero_frames");
  expect(taken).not.toContain("source_unreachable");
  for (const code of taken) expect(codes[code]).toMatchObject({ kind: "failed", retryable: true });
});
