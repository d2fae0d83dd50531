import { basename } from "node:path";
import { parseDataset } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { type CachedFile, listCache } from "@shardmill/sources";
import { type Records, readBuildOwner, recordPaths, type Store } from "@shardmill/store";
import { type ListedOutput, listOutputs } from "../output/list-outputs.ts";
import { type FileKind, kindOfFile } from "./known-files.ts";

interface FoundFile {
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: number;
}

/** An output with all its files, and why it is left alone. */
export interface FoundOutput {
  readonly name: string;
  readonly records: Records;
  readonly build: string;
  readonly files: readonly FoundFile[];
  /** Who works on it; null where nobody does. */
  readonly busy: string | null;
}

/** Files beside the outputs: entries that were drafted, estimates of small builds, sheets of them. */
interface FoundDraft {
  readonly path: string;
  readonly bytes: number;
}

/** A folder beside the outputs that a command has made of several of them, with its files by what they are named. */
interface FoundBeside {
  readonly path: string;
  readonly what: "overlaps" | "mixes";
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

export interface Found {
  readonly store: Store;
  readonly outputs: readonly FoundOutput[];
  readonly drafts: readonly FoundDraft[];
  readonly beside: readonly FoundBeside[];
  readonly cached: readonly CachedFile[];
}

/** What lies in an output folder and a cache; of these outputs alone where some are named. */
export async function findThings(
  { out, cache }: { readonly out: string; readonly cache?: string | undefined },
  names: readonly string[],
  signal: AbortSignal,
): Promise<Found> {
  const { store, outputs: all } = await listOutputs(out);
  const missing = names.find((name) => !all.some((output) => output.name === name));
  if (missing !== undefined)
    throw new Failure(
      "wrong_use",
      `there is no build of ${missing} in ${out}; shardmill clean lists what there is`,
    );
  const outputs: FoundOutput[] = [];
  for (const output of all) {
    signal.throwIfAborted();
    if (names.length === 0 || names.includes(output.name)) outputs.push(await filesOf(output));
  }
  const drafts = (await draftsIn(store)).filter(
    ({ path }) => names.length === 0 || names.some((name) => isDraftOf(path, name)),
  );
  const beside =
    names.length > 0 ? [] : [...(await besideIn(store, "overlaps")), ...(await besideIn(store, "mixes"))];
  return { store, outputs, drafts, beside, cached: cache === undefined ? [] : await listCache(cache) };
}

async function filesOf(output: ListedOutput): Promise<FoundOutput> {
  const { name, records } = output;
  const supplements = new Set(
    (await records.listManifests()).flatMap(({ shard, supplement }) => (supplement === null ? [] : [shard])),
  );
  const found = (await records.store.listAll(name)).flatMap(({ path, sizeBytes, isFolder, identity }) =>
    isFolder ? [] : [{ path, kind: kindOfFile(name, path, supplements), bytes: sizeBytes, identity }],
  );
  // What a draft of a folder has published is one file under two names.
  const isFolder = records.store.conditional === null;
  const published = new Set(
    found.flatMap(({ kind, identity }) => (isFolder && kind !== "temporaries" ? [identity] : [])),
  );
  const files = found.map(({ path, kind, bytes, identity }) => ({
    ...{ path, kind },
    bytes: kind === "temporaries" && published.has(identity) ? 0 : bytes,
  }));
  const build = "build" in output ? output.build.build : name;
  return { name, records, build, files, busy: await busyText(records) };
}

async function busyText(records: Records): Promise<string | null> {
  const owner = await readBuildOwner(records);
  if (owner !== null && owner.state !== "dead")
    return `is being worked on (process ${owner.pid} on ${owner.host}, since ${owner.since})`;
  const { isLeftToServices } = await import("@shardmill/owner");
  if (await isLeftToServices(records)) return "is left to a service or to workers elsewhere; cancel it first";
  return null;
}

/** A folder for each mix, and for each first of two outputs that were compared. */
async function besideIn(store: Store, what: FoundBeside["what"]): Promise<FoundBeside[]> {
  // An output of that name is none of these.
  if ((await store.stat(recordPaths(what).build)) !== null) return [];
  const files = await store.listAll(what);
  const folders = new Map<string, { path: string; bytes: number }[]>();
  for (const { path, sizeBytes, isFolder } of files) {
    if (isFolder) continue;
    const folder = path.split("/").slice(0, 2).join("/");
    folders.set(folder, [...(folders.get(folder) ?? []), { path, bytes: sizeBytes }]);
  }
  return [...folders].sort().map(([path, own]) => ({ path, what, files: own }));
}

const draftEndings = [".estimate.json", ".yaml", ".png"] as const;

function isDraftOf(path: string, name: string): boolean {
  return draftEndings.some((ending) => path === `${name}${ending}` || path === `${name}-try${ending}`);
}

/** By what they hold, not by their name alone: somebody may keep files of their own there. */
async function draftsIn(store: Store): Promise<FoundDraft[]> {
  const found: FoundDraft[] = [];
  for (const path of await store.list("")) {
    const bytes = (await store.stat(path))?.sizeBytes ?? 0;
    if (bytes < largestDraft && (await isDraft(store, path))) found.push({ path, bytes });
  }
  return found;
}

const largestDraft = 64 * 1024 * 1024;

async function isDraft(store: Store, path: string): Promise<boolean> {
  const name = basename(path);
  const text = async (): Promise<string> => Buffer.from((await store.read(path)) ?? []).toString("utf8");
  if (name.endsWith(".estimate.json")) return /"sourceBytes"/.test(await text());
  // A sheet of a small build lies beside what that told of the whole; any other picture is somebody's own.
  if (name.endsWith("-try.png")) return (await store.stat(path.replace(/png$/, "estimate.json"))) !== null;
  if (!name.endsWith(".yaml")) return false;
  const parsed = parseDataset(await text(), name);
  return (
    parsed.kind === "ok" && parsed.value.source.kind === "folder" && `${parsed.value.name}.yaml` === name
  );
}
