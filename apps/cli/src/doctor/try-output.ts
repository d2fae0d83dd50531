import { existsSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type FileSystem, localFileSystem, openStore } from "@shardmill/store";
import { bytesText } from "../text/format.ts";
import { type Finding, found, tried } from "./finding.ts";

const littleBytes = 20_000_000_000;

/** The output folder, or the nearest one above it that exists: space, and the steps of a commit, by the store itself. */
export function tryOutput(out: string, fs: FileSystem = localFileSystem): Promise<Finding> {
  const path = nearestFolder(resolve(out));
  return tried("output", `make ${path} writable, or choose another --out`, async () => {
    const folder = await mkdtemp(join(path, ".shardmill-doctor-"));
    try {
      const store = await openStore(folder, { fs });
      const text = "written by shardmill doctor\n";
      await store.putNew("trial", text);
      if ((await store.putNew("trial", text)) !== "exists")
        throw new Error("a link took the place of a file that was there");
      await store.put("trial", text);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const what = `${bytesText(free)} free; a file written, synced, linked and replaced`;
    if (free >= littleBytes) return found("output", what, { path });
    const remedy = "shards of one OpenVid part take about 5 GB: free some space, or choose another --out";
    return found("output", what, { path, level: "warn", remedy });
  });
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
