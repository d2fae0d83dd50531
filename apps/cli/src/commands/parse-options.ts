import { nameHint, namePattern, numbersProblem } from "@shardmill/core/part-words";
import { isBucketAddress } from "@shardmill/store/bucket-address";
import { InvalidArgumentError } from "commander";

/** The first sign of either is no dot and no option's dash. */
const repoPattern = /^\w[\w.-]*\/\w[\w.-]*$/;

/** Argument parsers for commander: what they refuse ends the command with exit 2 and one line. */
export function parseParts(text: string): string {
  const problem = numbersProblem(text);
  if (problem !== null) throw new InvalidArgumentError(problem);
  // Names of subsets are read when the parts are known.
  return text;
}

/** It becomes the first word of shards, whose names readers and file systems bound. */
export function parseOutputName(text: string): string {
  if (!namePattern.test(text)) throw new InvalidArgumentError(nameHint);
  if (text.length > 40) throw new InvalidArgumentError("expected at most 40 letters");
  return text;
}

export function parseOutputNames(text: string): string[] {
  return [...new Set(text.split(",").map((name) => parseOutputName(name.trim())))];
}

/** An address would name a folder `s3:` otherwise. */
export function parseFolder(text: string): string {
  if (isBucketAddress(text))
    throw new InvalidArgumentError(
      "expected a folder: this command does not work on a bucket yet; build, retry, worker, pause, resume, cancel, serve, withdraw, clean, copy, verify, status, failures, inspect and doctor do",
    );
  return text;
}

export function parseRepo(text: string): string {
  if (!repoPattern.test(text)) throw new InvalidArgumentError("expected owner/name");
  return text;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 4096)
    throw new InvalidArgumentError("expected a whole number from 1");
  return count;
}

/** Pictures of a sample, whose files have numbers of three digits. */
export function parseFrames(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 999)
    throw new InvalidArgumentError("expected a whole number from 1 to 999");
  return count;
}

/** How many samples a small build makes. */
export function parseSamples(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000_000)
    throw new InvalidArgumentError("expected a whole number from 1");
  return count;
}

/** Of a whole: more than nothing. */
export function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share > 0 && share <= 1))
    throw new InvalidArgumentError("expected a share such as 0.01");
  return share;
}

/** How many shards a report reads: a number, or all of them. */
export function parseTars(text: string): number {
  if (text === "all") return Number.MAX_SAFE_INTEGER;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
    throw new InvalidArgumentError("expected a whole number from 1, or all");
  return count;
}

const unitBytes: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `200GB`, `1.5 TB`, `50M`: decimal units, as disks and networks are sold. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?(?:\/s)?$/i.exec(text.trim());
  const unit = unitBytes[(match?.[2] ?? "").toLowerCase()];
  if (match?.[1] === undefined || unit === undefined)
    throw new InvalidArgumentError("expected a size such as 200GB or 50MB");
  const bytes = Math.round(Number(match[1]) * unit);
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError("expected a size that a machine can have");
  return bytes;
}

/** A size of something that has to be there. */
export function parseAmount(leastBytes: number, least: string): (text: string) => number {
  return (text) => {
    const bytes = parseBytes(text);
    if (bytes < leastBytes) throw new InvalidArgumentError(`expected at least ${least}`);
    return bytes;
  };
}

/** Repeatable options: `--set a=1 --set b=2`. */
export function collectWord(word: string, before: readonly string[]): string[] {
  return [...before, word];
}

/** Words with commas between them. */
export function parseWords(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("expected a port from 0 to 65535");
  return port;
}
