/** An error of the operating system that no command has foreseen, as a line; null for any other error. */
export function systemLine(error: unknown): string | null {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return null;
  const { code, syscall } = error;
  if (typeof code !== "string" || typeof syscall !== "string") return null;
  const path = "path" in error && typeof error.path === "string" ? ` ${error.path}` : "";
  return `${syscall}${path}: ${meanings[code] ?? "it failed"} (${code})`;
}

const meanings: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EPERM: "not permitted",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "too many links",
  EMFILE: "too many open files; raise ulimit -n",
  ENFILE: "the machine has too many open files",
  EADDRINUSE: "the address is in use; choose another --port",
  EADDRNOTAVAIL: "this machine does not have the address; correct --host",
  ENOTFOUND: "no such host",
  ENOMEM: "no memory left",
  EAGAIN: "no more processes or memory to be had",
};
