import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** An independent reader: it shares no code with the writer. ustar by hand, grouped by the rule that all readers share. */
const grouping = /^((?:.*\/|)[^.]+)[.]([^/]*)$/;

export interface ReadSample {
  readonly key: string;
  readonly fields: Map<string, Buffer>;
}

function readTar(file: string): { name: string; bytes: Buffer }[] {
  const tar = readFileSync(file);
  const members: { name: string; bytes: Buffer }[] = [];
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    const name = header.subarray(0, 100).toString("ascii").replace(/\0.*$/s, "");
    const size = Number.parseInt(header.subarray(124, 136).toString("ascii"), 8);
    members.push({ name, bytes: tar.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

/** Neighbouring members with one key are one sample; a key that comes back later is an error, as in webdataset. */
export function readSamples(file: string): ReadSample[] {
  const samples: ReadSample[] = [];
  const seen = new Set<string>();
  for (const { name, bytes } of readTar(file)) {
    const match = grouping.exec(name);
    if (match?.[1] === undefined || match[2] === undefined) throw new Error(`${name} groups to nothing`);
    const [, key, field] = match;
    let last = samples.at(-1);
    if (last?.key !== key) {
      if (seen.has(key)) throw new Error(`${key} comes twice`);
      seen.add(key);
      last = { key, fields: new Map() };
      samples.push(last);
    }
    if (last.fields.has(field)) throw new Error(`${name} comes twice`);
    last.fields.set(field, bytes);
  }
  return samples;
}

export function jsonOf(sample: ReadSample): Record<string, unknown> {
  return JSON.parse(sample.fields.get("json")?.toString("utf8") ?? "null") as Record<string, unknown>;
}

export function tarsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tar"))
    .sort();
}

/**
 * What tells each tar of a folder from another that is made in its place. The inode alone does not: a file system gives
 * it to the next file as soon as the old one is gone.
 */
export function tarIdentities(folder: string): Record<string, string> {
  return Object.fromEntries(
    tarsIn(folder).map((tar) => {
      const { ino, birthtimeNs } = statSync(join(folder, tar), { bigint: true });
      return [tar, `${ino} ${birthtimeNs}`];
    }),
  );
}

/** sha256 of every tar of a folder, by name. */
export function shardHashes(folder: string): Record<string, string> {
  return Object.fromEntries(
    tarsIn(folder).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

/** Every file below a folder that looks temporary: there should be none once all is over. */
export function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(\.tmp|\.partial)|\/(tmp|drafts)\/./.test(name),
  );
}
