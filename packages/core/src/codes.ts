/**
 * The one table of rejection and failure codes.
 *
 * kind `skipped`: the sample was left out on purpose, before any work (its absence is no fault of the run).
 * kind `failed`:  the sample was tried and could not be made.
 * kind `part`:    an attempt at a whole part, shard or build failed.
 * kind `note`:    worth recording, but no member is missing because of it.
 *
 * `retryable` says whether trying the same thing again may end differently. Codes are never reused.
 * docs/codes.md is compared with this table by a test, both ways.
 */
export type CodeKind = "skipped" | "failed" | "part" | "note";

export interface CodeEntry {
  readonly kind: CodeKind;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

const entry = (kind: CodeKind, retryable: boolean, meaning: string, remedy: string): CodeEntry => ({
  kind,
  retryable,
  meaning,
  remedy,
});

export const codes = {
  no_annotation: entry(
    "skipped",
    false,
    "the source has no caption or conversation for this member",
    "nothing to do; a text is never invented",
  ),
  duplicate_name: entry(
    "skipped",
    false,
    "another member of this part has the same name; the first one counts",
    "nothing to do",
  ),
  unsafe_name: entry(
    "skipped",
    false,
    "the member's name is absolute, climbs out with .., or holds bytes no name may hold",
    "report it to the dataset's owner",
  ),
  not_media: entry(
    "skipped",
    false,
    "the member is no video or image by its name and content",
    "nothing to do",
  ),
  image_bytes_missing: entry(
    "skipped",
    false,
    "the row names an image but does not hold its bytes",
    "use the upstream dataset named in the catalogue",
  ),
  external_source: entry(
    "skipped",
    false,
    "the media is not hosted in this repository",
    "map its prefix to a local folder under roots: in your config, then retry --missing",
  ),
  ambiguous_annotation: entry(
    "skipped",
    false,
    "several annotations match this member and none matches exactly",
    "look at the names with failures; the catalogue's match rule may need the folder",
  ),

  bad_crc: entry(
    "failed",
    true,
    "the member's bytes do not have the checksum the archive states",
    "retry --failed-samples; if it stays, the archive is damaged at the source",
  ),
  member_truncated: entry(
    "failed",
    true,
    "the archive ends before the member does",
    "retry --failed-samples; if it stays, the archive is damaged at the source",
  ),
  member_encrypted: entry(
    "failed",
    false,
    "the archive member is encrypted",
    "report it to the dataset's owner",
  ),
  member_method_unknown: entry(
    "failed",
    false,
    "the archive member is compressed by a method other than store or deflate",
    "report it to the dataset's owner",
  ),
  member_malformed: entry(
    "failed",
    false,
    "the archive's headers contradict each other about this member",
    "report it to the dataset's owner",
  ),
  member_type_unsupported: entry(
    "failed",
    false,
    "the archive member is a link, a device or a sparse file",
    "report it to the dataset's owner",
  ),
  bomb_suspected: entry(
    "failed",
    false,
    "the member expands beyond the limits of the recipe",
    "raise limits.maxBytes with --set if the member is genuine",
  ),
  empty_member: entry("failed", false, "the member has zero bytes", "report it to the dataset's owner"),
  annotation_invalid: entry(
    "failed",
    false,
    "the annotation record lacks what its adapter needs",
    "look at the record with failures --json; fix the catalogue's text rule",
  ),

  no_video_stream: entry(
    "failed",
    false,
    "the file holds no video stream that can be decoded",
    "nothing to do",
  ),
  zero_frames: entry(
    "failed",
    false,
    "decoding ended without a single frame",
    "nothing to do; the clip is damaged",
  ),
  decode_truncated: entry(
    "failed",
    false,
    "fewer frames than recipe.minFrameShare of those expected could be decoded",
    "--set recipe.minFrameShare=0 keeps what is there and marks it",
  ),
  decode_error: entry("failed", false, "the decoder refused the data", "nothing to do; the clip is damaged"),
  too_large: entry(
    "failed",
    false,
    "pixels, duration or bytes are above the recipe's limits",
    "raise limits.* with --set",
  ),
  decoder_crash: entry(
    "failed",
    true,
    "the decoding child was lost on every attempt",
    "retry --failed-samples; report the clip if it stays",
  ),
  decode_timeout: entry(
    "failed",
    true,
    "decoding took longer than the clip's limit on every attempt",
    "retry --failed-samples on a less loaded machine",
  ),
  decode_oom: entry(
    "failed",
    true,
    "decoding needed more memory than its limit on every attempt",
    "retry --failed-samples with more memory for the media children",
  ),
  image_undecodable: entry(
    "failed",
    false,
    "the image could not be decoded",
    "nothing to do; the image is damaged",
  ),
  url_dead: entry(
    "failed",
    true,
    "the address gave no usable answer",
    "retry --failed-samples later; many such links never come back",
  ),
  url_refused: entry(
    "failed",
    false,
    "the address is private, redirects to a refused one, or is no http address",
    "nothing to do",
  ),

  part_absent: entry("part", false, "the source has no file for this part", "look at plan for the reason"),
  pieces_incomplete: entry(
    "part",
    false,
    "the part's pieces are not contiguous from the first",
    "wait for the owner to upload the rest, or pin an earlier revision",
  ),
  series_incomplete: entry(
    "part",
    false,
    "the folder mixes shard series and none is complete, or this file is not of the complete one",
    "pin a revision where one series is complete",
  ),
  archive_malformed: entry(
    "part",
    false,
    "the archive's directory cannot be read",
    "verify the download; report it to the dataset's owner",
  ),
  archive_truncated: entry(
    "part",
    true,
    "the archive is shorter than its directory or its stream says",
    "retry --failed; if it stays, the archive is damaged at the source",
  ),
  annotations_invalid: entry(
    "part",
    false,
    "an annotation file cannot be read or lacks a column the catalogue names",
    "compare its header with the catalogue entry",
  ),
  source_changed: entry(
    "part",
    false,
    "the file is not the one that was planned",
    "build again: the new content is planned afresh",
  ),
  source_suspect: entry(
    "part",
    false,
    "more samples failed than maxFailureShare allows; the good shards are kept",
    "look at failures; retry --failed, or raise maxFailureShare in the catalogue",
  ),
  source_gated: entry(
    "part",
    false,
    "the repository asks for its terms to be accepted",
    "accept the terms on the dataset's page and set HF_TOKEN",
  ),
  source_unauthorized: entry(
    "part",
    false,
    "the token is not accepted, or the repository is private or does not exist",
    "check HF_TOKEN and the repository's name",
  ),
  source_not_found: entry(
    "part",
    false,
    "the repository, revision or file does not exist",
    "check the name and the revision",
  ),
  source_unreachable: entry(
    "part",
    true,
    "the source did not answer in spite of retries",
    "check the network, then retry --failed",
  ),
  source_rate_limited: entry(
    "part",
    true,
    "the source asks for a slower pace",
    "nothing to do; the build waits and goes on",
  ),
  source_invalid: entry(
    "part",
    true,
    "the source's answer breaks the protocol",
    "retry --failed; report it if it stays",
  ),
  output_unwritable: entry(
    "part",
    false,
    "the output folder cannot be written",
    "check the path and its permissions",
  ),
  output_full: entry("part", true, "the output disk is full", "make room; the build goes on by itself"),
  output_conflict: entry(
    "part",
    false,
    "a committed shard exists with other bytes",
    "verify the output; use --rebuild or another --out",
  ),
  output_io: entry(
    "part",
    true,
    "the output storage failed to read or write",
    "check the disk, then retry --failed",
  ),
  shard_invalid: entry(
    "part",
    true,
    "a shard did not pass verification before publishing",
    "retry --failed; report it if it stays",
  ),
  books_unbalanced: entry(
    "part",
    false,
    "members do not equal packed + failed + skipped",
    "report it: this is a bug",
  ),
  record_invalid: entry(
    "part",
    false,
    "a plan, manifest or ledger file cannot be read",
    "delete the file named and build again",
  ),
  recipe_changed: entry(
    "part",
    false,
    "the output holds shards of another recipe",
    "use --rebuild, or another --out",
  ),
  toolchain_mismatch: entry(
    "part",
    false,
    "this worker's decoder or Shardmill version differs from the build's",
    "run the same version on every machine",
  ),
  decoder_unavailable: entry(
    "part",
    false,
    "the decoder that the recipe names cannot be loaded here",
    "run doctor; or choose --set recipe.decoder=process",
  ),
  build_locked: entry(
    "part",
    false,
    "another build is writing into this folder",
    "wait for it, or use another --out",
  ),
  queue_unreachable: entry("part", true, "Redis does not answer", "check REDIS_URL and the server"),
  worker_lost: entry(
    "part",
    true,
    "the worker was lost more often than is allowed",
    "look at the worker's log; build again",
  ),
  wrong_use: entry("part", false, "the command was used wrongly", "see --help"),

  duplicate_annotation: entry(
    "note",
    false,
    "a second annotation for one name; the first one counts",
    "nothing to do",
  ),
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof codes;

export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

/** Codes of samples that `retry --failed-samples` takes when none is named. */
export function retryableSampleCodes(): Code[] {
  return (Object.keys(codes) as Code[]).filter(
    (code) => codes[code].kind === "failed" && codes[code].retryable,
  );
}
