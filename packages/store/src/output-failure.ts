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

/** A file that must be there, and is not. */
export class MissingFile extends Failure {
  constructor(path: string) {
    super("output_io", `expected the file ${path}, found none`, { where: { path } });
  }
}

/** What link(2) gives where a file system has no hard links: vfat and exFAT the first, SMB and FUSE any of them. */
const linkless: ReadonlySet<string> = new Set([
  ...["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV", "EINVAL"],
]);

/** What became of a link(2) between two names in one folder, both our own. */
export function linkFailure(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null || !linkless.has(code)) return outputFailure(error, "publishing", path);
  return new Failure(
    "output_without_links",
    `publishing ${path}: the file system of the output takes no hard link (${code})`,
    { where: { path }, cause: error },
  );
}

/** The folder of a dataset was there, and is not. */
export function awayFailure(path: string): Failure {
  const [folder = ""] = path.split("/", 1);
  return new Failure("output_away", `the output folder, or ${folder} in it, is not there any more`, {
    where: { path },
    retry: "later",
  });
}

/** What fsync(2) of a folder gives where a file system has no such thing. */
const syncless: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Whether the file system cannot sync folders, and keeps names by its own lights: there is nothing stronger to ask for. */
export function hasNoFolderSync(error: unknown): boolean {
  return syncless.has(systemCode(error) ?? "");
}

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
