import { type CodeEntry, entry } from "./code-entry.ts";

/** Why a sample is left out: `skipped` before any work, `failed` because it could not be made. */
export const sampleCodes = {
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
  no_image: entry("skipped", false, "the row has no picture", "nothing to do; a picture is never invented"),
  external_source: entry(
    "skipped",
    false,
    "the media is not hosted in this repository",
    "map its prefix to a local folder under roots: in your config, then retry --missing",
  ),
  no_loss_tokens: entry(
    "skipped",
    false,
    "no token that the loss would be taken on is left within recipe.text.maxTokens",
    "nothing to do; raise recipe.text.maxTokens for longer questions",
  ),
  text_too_long: entry(
    "skipped",
    false,
    "the conversation has more tokens than recipe.text.maxTokens",
    "raise recipe.text.maxTokens, or cut it: --set recipe.text.overflow=cut",
  ),
  template_refused: entry(
    "skipped",
    false,
    "the tokenizer's chat template refuses the conversation",
    "nothing to do, or use another tokenizer; its template says which order of roles it takes",
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
  tokenize_failed: entry(
    "failed",
    true,
    "tokenizing the text took all time or memory on every attempt",
    "retry --failed-samples; if it stays, look at the text, and at the tokenizer's chat template",
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
} as const satisfies Record<string, CodeEntry>;
