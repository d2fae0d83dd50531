import { type Code, codes } from "@shardmill/core";

const againHere = "retry the failed samples of its parts";
const partAgain = "build what is missing of the part again";
const restart = "start the service";

/** Remedies of codes.ts that speak in words of the command line, in those of a request or a page. */
const inOtherWords: Partial<Record<Code, string>> = {
  external_source:
    "map its prefix to a local folder under roots: in the service's config, then build what is missing",
  text_too_long: "ask for it with a higher recipe.text.maxTokens, or with recipe.text.overflow=cut",
  filtered: "nothing to do; ask under another name with another recipe.where",
  bad_crc: `${againHere}; if it stays, the archive is damaged at the source`,
  member_truncated: `${againHere}; if it stays, the archive is damaged at the source`,
  bomb_suspected: "ask for it with a higher limits.maxBytes if the member is genuine",
  annotation_invalid: "look at the record; fix the catalogue's text rule",
  decode_truncated: "the setting recipe.minFrameShare=0 keeps what is there and marks it",
  too_large: "ask for it with higher settings of limits",
  decoder_crash: `${againHere}; report the clip if it stays`,
  decode_timeout: `${againHere} when the workers have less to do`,
  decode_oom: `${againHere} with more memory for the workers' media children`,
  tokenize_failed: `${againHere}; if it stays, look at the text, and at the tokenizer's chat template`,
  url_dead: `${againHere} later; many such links never come back`,
  archive_truncated: `${partAgain}; if it stays, the archive is damaged at the source`,
  tokenizer_invalid:
    "compare its files with the catalogue's entry of the tokenizer, or ask for another with the setting recipe.text.tokenizer",
  tokenizer_unavailable: `see that the worker's folder for temporary files can be written and that memory is left, then ${partAgain}`,
  source_changed: "make the stale parts again: they are planned anew, and what differs is made",
  source_suspect: `look at what was left out; ${partAgain}, or raise maxFailureShare in the catalogue`,
  source_gated: `accept the terms on the dataset's page and ${restart} and its workers with a token of the Hub`,
  source_unauthorized:
    "check the Hub's token that the service and its workers have, and the repository's name",
  source_unreachable: `check the network, then ask again; ${partAgain} where one ended so`,
  source_invalid: `ask again; ${partAgain} where one ended so; report it if it stays`,
  push_refused: "use a token that may write to the repository, or make room in the account; then push again",
  output_without_links: `${restart} on a file system that has them (ext4, XFS, Btrfs, ZFS, APFS, NTFS, NFS)`,
  bucket_refused:
    "see that service and workers have the keys of somebody who may read, write and list there, and that the bucket's name, region and endpoint are right; what has begun waits",
  bucket_away:
    "see that service and workers get to the bucket's store; what has begun waits and goes on by itself",
  output_without_conditions: `${restart} on a bucket of a store that keeps conditional puts, or on a folder`,
  output_differs: "mount the build's output on the worker's machine, and start the worker with that folder",
  output_conflict: "check the shards of the part; make it again, or build under another name",
  output_io: `check the disk (or what the bucket's store says of itself), then ask again; ${partAgain} where one ended so`,
  shard_invalid: `${partAgain}; report it if it stays`,
  recipe_changed: "make the build again from the beginning, or build under another name",
  decoder_unavailable:
    "mend the worker's installation, or ask for it with the setting recipe.decoder=process",
  build_locked: "wait for it, or retry parts, which are handed to it; another name builds beside it",
  queue_unreachable: "bring the service's Redis back, then ask again; what was refused is not done later",
  queue_unfit: "mend what is named, or start the service with another Redis",
  worker_failed: "mend what its log says, then build what is missing",
  wrong_use: "compare the request with what the answer says",
};

/** What a person who looks at an answer of the service can do about it. */
export function remedyOf(code: Code | null): string {
  if (code === null) return "look at the log; report it if it stays";
  return inOtherWords[code] ?? codes[code].remedy;
}
