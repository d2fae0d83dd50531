import { type DatasetRepo, filesAt } from "./dataset-repo.ts";
import type { HostedFile } from "./hosted-file.ts";

/** One page of the listing, and the absolute address of the next. */
export function treePage(
  repo: DatasetRepo,
  revision: string,
  below: string,
  url: URL,
): { entries: unknown[]; next: string | null } {
  const isRecursive = url.searchParams.get("recursive") === "true";
  const limit = Math.min(Number(url.searchParams.get("limit") ?? repo.pageLimit), repo.pageLimit);
  const from = Number(Buffer.from(url.searchParams.get("cursor") ?? "", "base64").toString() || 0);
  const all = entriesBelow(filesAt(repo, revision) ?? repo.files, below, isRecursive);
  const entries = all.slice(from, from + limit);
  if (from + limit >= all.length) return { entries, next: null };
  const query = new URLSearchParams({
    expand: url.searchParams.get("expand") ?? "false",
    recursive: String(isRecursive),
    limit: String(limit),
    cursor: Buffer.from(String(from + limit)).toString("base64"),
  });
  const path = below === "" ? "" : `/${below}`;
  return {
    entries,
    next: `${repo.hubOrigin}/api/${repo.type}s/${repo.name}/tree/${revision}${path}?${query}`,
  };
}

function entriesBelow(
  files: ReadonlyMap<string, HostedFile>,
  below: string,
  isRecursive: boolean,
): unknown[] {
  const prefix = below === "" ? "" : `${below}/`;
  const entries = new Map<string, unknown>();
  for (const file of [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (!file.path.startsWith(prefix)) continue;
    const segments = file.path.slice(prefix.length).split("/");
    for (let depth = 1; depth < segments.length; depth += 1) {
      const path = prefix + segments.slice(0, depth).join("/");
      if (isRecursive || depth === 1)
        entries.set(path, { type: "directory", oid: "0".repeat(40), size: 0, path });
    }
    if (isRecursive || segments.length === 1) entries.set(file.path, fileEntry(file));
  }
  return [...entries.values()];
}

/** A file as the listing and paths-info show it. */
export function fileEntry(file: HostedFile): Record<string, unknown> {
  const entry = { type: "file", oid: file.oid, size: file.sizeBytes, path: file.path };
  if (!file.isLarge) return entry;
  return {
    ...entry,
    lfs: { oid: file.sha256, size: file.sizeBytes, pointerSize: 134 },
    xetHash: file.xetHash,
  };
}
