import type { Code, FileIdentity } from "@shardmill/core";

/** What became of one file of a model. */
export interface FileOutcome {
  readonly path: string;
  readonly sizeBytes: number;
  /** `there`: it lay there with the right content. `resumed`: with bytes that an earlier attempt had left. */
  readonly state: "there" | "downloaded" | "resumed" | "failed";
  /** Read from the source by this attempt. */
  readonly fetchedBytes: number;
  /** Of a file that failed: bytes that the next attempt goes on from. */
  readonly keptBytes: number;
  /** Another content lay under its name. */
  readonly replaced: boolean;
  readonly problem: { readonly code: Code; readonly message: string } | null;
}

export function failed(
  { path, sizeBytes }: FileIdentity,
  problem: { readonly code: Code; readonly message: string },
  { fetchedBytes, keptBytes }: { readonly fetchedBytes: number; readonly keptBytes: number },
): FileOutcome {
  const { code, message } = problem;
  return {
    path,
    sizeBytes,
    state: "failed",
    fetchedBytes,
    keptBytes,
    replaced: false,
    problem: { code, message },
  };
}
