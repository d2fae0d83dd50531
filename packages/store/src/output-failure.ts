import { type Code, Failure } from "@shardmill/core";

const meanings: Readonly<Record<string, Code>> = {
  ENOSPC: "output_full",
  EDQUOT: "output_full",
  EACCES: "output_unwritable",
  EPERM: "output_unwritable",
  EROFS: "output_unwritable",
  ENOTDIR: "output_unwritable",
  EISDIR: "output_unwritable",
  EEXIST: "output_unwritable",
  ELOOP: "output_unwritable",
  ENAMETOOLONG: "output_unwritable",
  ENOTSUP: "output_unwritable",
  EOPNOTSUPP: "output_unwritable",
};

/** The system's code of an error, or null for what is no error of the system. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : null;
}

/** An error of the file system as a Failure that names the file; anything else is a bug and stays what it is. */
export function outputFailure(error: unknown, doing: string, path: string): unknown {
  const code = systemCode(error);
  if (code === null || error instanceof Failure) return error;
  return new Failure(
    meanings[code] ?? "output_io",
    `${doing} ${path === "" ? "the output folder" : path}: ${code}`,
    {
      where: { path },
      cause: error,
    },
  );
}
