import type { Code, Manifest } from "@shardmill/core";
import type { Store } from "@shardmill/store";
import sharp from "sharp";
import { checkTar, type SampleLook, type TarProblem, type TarProblemCode } from "./check-tar.ts";
import { isFrame, type Sample } from "./sample.ts";

export type ProblemCode =
  | TarProblemCode
  | "sha256"
  | "size"
  | "counts"
  | "image"
  | "tar_missing"
  | "tar_without_manifest"
  | "ledger"
  | "books"
  | "double_key"
  | "leftover"
  | "index_file"
  | Extract<Code, "record_invalid">;

export interface ShardProblem {
  readonly code: ProblemCode;
  readonly detail: string;
}

export interface ShardVerdict {
  readonly problems: readonly ShardProblem[];
  readonly samples: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface VerifyOptions {
  /** Also decode every JPEG, and hold its size against this one (pixels) when it is given. */
  readonly deep: boolean;
  readonly frameSize?: number | null;
}

/** Holds a tar against the rules of webdataset-format.md and, where there is one, against its manifest. */
export async function verifyShard(
  store: Store,
  path: string,
  manifest: Manifest | null,
  options: VerifyOptions,
  signal: AbortSignal,
  onSample: (key: string) => void = () => undefined,
): Promise<ShardVerdict> {
  const imageProblems: ShardProblem[] = [];
  const look: SampleLook = async (sample) => {
    onSample(sample.key);
    if (options.deep) imageProblems.push(...(await lookAtFrames(sample, options.frameSize ?? null)));
    return lookAtMetadata(sample);
  };
  const check = await checkTar(store.chunks(path, signal), look);
  const problems: ShardProblem[] = [...check.problems, ...imageProblems];
  const compare = (code: ProblemCode, what: string, expected: unknown, found: unknown): void => {
    if (expected !== found) problems.push({ code, detail: `${what}: expected ${expected}, found ${found}` });
  };
  if (manifest !== null) {
    compare("size", "bytes", manifest.tar?.bytes, check.bytes);
    compare("sha256", "sha256", manifest.tar?.sha256, check.sha256);
    compare("counts", "samples", manifest.samples, check.samples);
    compare("counts", "frames", manifest.frames, check.frames);
    compare("counts", "first key", manifest.firstKey, check.firstKey);
    compare("counts", "last key", manifest.lastKey, check.lastKey);
  }
  return { problems, samples: check.samples, bytes: check.bytes, sha256: check.sha256 };
}

function lookAtMetadata({ key, members }: Sample): TarProblem[] {
  const metadata = members.find(({ suffix }) => suffix === "json");
  if (metadata === undefined) return [{ code: "metadata", detail: `${key} has no json` }];
  const frames = members.filter(({ suffix }) => isFrame(suffix)).length;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(metadata.bytes).toString("utf8"));
  } catch {
    return [{ code: "metadata", detail: `${key}.json is no JSON` }];
  }
  const count =
    typeof value === "object" && value !== null && "frame_count" in value ? value.frame_count : undefined;
  if (count === frames) return [];
  return [
    { code: "frames", detail: `${key}: frame_count says ${String(count)}, the tar has ${frames} frames` },
  ];
}

async function lookAtFrames({ key, members }: Sample, frameSize: number | null): Promise<ShardProblem[]> {
  const problems: ShardProblem[] = [];
  for (const { suffix, bytes } of members.filter((member) => isFrame(member.suffix))) {
    const problem = await decodeProblem(bytes, frameSize);
    if (problem !== null) problems.push({ code: "image", detail: `${key}.${suffix}: ${problem}` });
  }
  return problems;
}

async function decodeProblem(bytes: Uint8Array, frameSize: number | null): Promise<string | null> {
  try {
    const { info } = await sharp(bytes, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
    if (frameSize === null || (info.width === frameSize && info.height === frameSize)) return null;
    return `expected ${frameSize}x${frameSize} pixels, found ${info.width}x${info.height}`;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "undecodable") : "undecodable";
  }
}
