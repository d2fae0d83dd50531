import { Failure, type FileIdentity, type Source } from "@shardmill/core";
import { type ContentCheck, contentCheck } from "@shardmill/sources";
import { closing, type FileSystem, readChunks } from "@shardmill/store";

/** What every file of a model is fetched with. */
export interface FetchJob {
  readonly source: Source;
  readonly fs: FileSystem;
  readonly dir: string;
  /** How far a file is: what is here is read and checked first, then comes what is lacking. */
  readonly onBytes: (file: FileIdentity, phase: "checking" | "fetching", doneBytes: number) => void;
}

/** Against the sha256, or the id of a file that is stored in git. */
export function checkOf(file: FileIdentity): ContentCheck {
  const check = contentCheck(file, { start: 0, end: file.sizeBytes });
  if (check === null) throw new Failure("source_invalid", `the listing tells no hash of ${file.path}`);
  return check;
}

interface Lying {
  readonly path: string;
  readonly sizeBytes: number;
  readonly file: FileIdentity;
  readonly check: ContentCheck;
}

/** Hashes what lies on this disk. */
export async function reread(
  { fs, onBytes }: FetchJob,
  { path, sizeBytes, file, check }: Lying,
  signal: AbortSignal,
): Promise<void> {
  const open = await fs.open(path, "read", 0);
  let at = 0;
  for await (const chunk of closing(
    open,
    readChunks(open, file.path, { start: 0, end: sizeBytes }, signal),
  )) {
    check.update(chunk);
    at += chunk.length;
    onBytes(file, "checking", at);
  }
}
