import {
  type BesideFile,
  groupKey,
  isNamedAsRecord,
  maxBesideBytes,
  readZipDirectory,
  recordBeside,
  streamTarMembers,
} from "@shardmill/archives";
import { Failure, type FileIdentity, isNamedAs, readAll, type Source } from "@shardmill/core";

/** What a look into an archive, or among loose files, shows of it. */
export interface Inside {
  /** Of its first members. */
  readonly names: readonly string[];
  /** Records that lie beside the first media, by the endings of their files. */
  readonly beside: readonly Readonly<Record<string, unknown>>[];
}

/** Archives that are looked into at most, what is looked at of each, and media whose records are read. */
const maxArchives = 8;
const maxNames = 200;
const maxBytes = 64 * 1024 * 1024;
const maxRecords = 16;

/**
 * What lies in the archives of a listing, by path, and under "" among its loose files. Of archives whose names differ only in
 * numbers one is looked into. One that cannot be read is left out.
 */
export async function lookInto(
  source: Source,
  files: readonly FileIdentity[],
  signal: AbortSignal,
): Promise<Record<string, Inside>> {
  const found: Record<string, Inside> = { "": await lookAtFiles(source, files, signal) };
  const shapes = new Set<string>();
  for (const file of files) {
    const shape = file.path.replace(/\d+/g, "#");
    if (!/\.(tar|tgz|tar\.gz|zip)$/i.test(file.path) || shapes.has(shape)) continue;
    if (shapes.size >= maxArchives) break;
    shapes.add(shape);
    const inside = await lookAtArchive(source, file, signal);
    if (inside !== null) found[file.path] = inside;
  }
  return found;
}

async function lookAtArchive(
  source: Source,
  file: FileIdentity,
  signal: AbortSignal,
): Promise<Inside | null> {
  const bytes = source.open(file);
  try {
    if (!/\.zip$/i.test(file.path)) return await lookAtTar(bytes, signal);
    const { entries } = await readZipDirectory(bytes, signal, { maxBytes: Number.MAX_SAFE_INTEGER });
    return { names: entries.slice(0, maxNames).map(({ name }) => name), beside: [] };
  } catch (error) {
    if (error instanceof Failure && /^archive_/.test(error.code)) return null;
    throw error;
  }
}

async function lookAtTar(bytes: ReturnType<Source["open"]>, signal: AbortSignal): Promise<Inside> {
  const names: string[] = [];
  const files: BesideFile[] = [];
  let read = 0;
  const isEnough = (): boolean => names.length >= maxNames || read > maxBytes;
  const options = {
    maxBytes: maxBesideBytes,
    onBytes: (count: number) => {
      read += count;
    },
    want: (_position: number, name: string) => {
      names.push(name);
      return isEnough() || isNamedAsRecord(name);
    },
  };
  for await (const member of streamTarMembers(bytes, options, signal)) {
    if (member.kind === "member" && member.content.kind === "file" && isNamedAsRecord(member.name))
      files.push({ name: member.name, bytes: member.content.bytes });
    if (isEnough()) break;
  }
  return { names, beside: recordsOf(names, files) };
}

async function lookAtFiles(
  source: Source,
  files: readonly FileIdentity[],
  signal: AbortSignal,
): Promise<Inside> {
  const names = files.map(({ path }) => path);
  const keys = new Set(names.filter(isMedia).map(groupKey));
  const records = files.filter(({ path }) => isNamedAsRecord(path) && keys.has(groupKey(path)));
  const read: BesideFile[] = [];
  // Of a media that has both a text and JSON both are read.
  for (const { path, sizeBytes, ...file } of records.slice(0, 2 * maxRecords)) {
    const end = Math.min(sizeBytes, maxBesideBytes + 1);
    const bytes = await readAll(source.open({ ...file, path, sizeBytes }), { start: 0, end }, signal);
    read.push({ name: path, bytes });
  }
  return { names: names.slice(0, maxNames), beside: recordsOf(names, read) };
}

/** Those of media that have one. */
function recordsOf(names: readonly string[], files: readonly BesideFile[]): Inside["beside"] {
  const byKey = new Map<string, BesideFile[]>();
  for (const file of files) byKey.set(groupKey(file.name), [...(byKey.get(groupKey(file.name)) ?? []), file]);
  return names
    .filter((name) => isMedia(name) && byKey.has(groupKey(name)))
    .slice(0, maxRecords)
    .flatMap((name) => {
      const found = recordBeside(name, byKey.get(groupKey(name)) ?? []);
      return found.kind === "record" ? [found.record.fields] : [];
    });
}

function isMedia(name: string): boolean {
  return isNamedAs(name, "video") || isNamedAs(name, "picture");
}
