import { copyFile, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seeded } from "../../packages/core/testing/seeded.ts";

/** Changes of one part's files as accidents, edits and earlier builds leave them. */
const changes: Readonly<Record<string, (part: PartFiles, seeded: Seeded) => Promise<void>>> = {
  "as it was": async () => undefined,
  "never built": async (part) => {
    await part.remove("tar", () => true);
    await part.remove("records", () => true);
  },
  "shards without a manifest": async (part, seeded) => {
    await part.remove("manifests", () => seeded.below(2) === 0);
  },
  "killed before its end": async (part, seeded) => {
    await part.remove("manifests", () => seeded.below(3) === 0);
    await part.remove("parts", () => true);
  },
  "all its shards, no end": async (part) => part.remove("parts", () => true),
  "failed at the end": async (part, seeded) => {
    await part.remove("manifests", () => seeded.below(2) === 0);
    await part.fail();
  },
  "failed while it was planned": async (part) => {
    await part.remove("tar", () => true);
    await part.remove("manifests", () => true);
    await part.remove("plans", () => true);
    await part.fail();
  },
  "a damaged shard": async (part, seeded) => part.damage(seeded),
  "a shard that is away": async (part, seeded) => part.remove("tar", () => seeded.below(2) === 0),
  "another archive": async (part) => part.touchSource(),
};

interface PartFiles {
  /** Files of one kind whose turn it is. */
  remove(kind: "tar" | "manifests" | "plans" | "parts" | "records", isTurn: () => boolean): Promise<void>;
  fail(): Promise<void>;
  damage(seeded: Seeded): Promise<void>;
  touchSource(): Promise<void>;
}

/** A copy of a whole output in which something has happened to every part: what, in words. */
export async function generateState(
  from: { readonly out: string; readonly source: string },
  to: { readonly out: string; readonly source: string },
  dataset: string,
  labels: readonly string[],
  seeded: Seeded,
): Promise<string> {
  await cp(from.out, to.out, { recursive: true, preserveTimestamps: true });
  await cp(from.source, to.source, { recursive: true, preserveTimestamps: true });
  const folder = join(to.out, dataset);
  await repoint(join(folder, ".shardmill/build.json"), to.source);
  const told: string[] = [];
  for (const label of labels) {
    const name = seeded.pick(Object.keys(changes) as [string, ...string[]]);
    told.push(`${label} ${name}`);
    await changes[name]?.(partFiles(folder, to.source, dataset, label), seeded);
  }
  return told.join("; ");
}

/** The output was built from another copy of the same files. */
async function repoint(path: string, source: string): Promise<void> {
  const build = JSON.parse(await readFile(path, "utf8"));
  build.source.location = source;
  await writeFile(path, `${JSON.stringify(build)}\n`);
}

function partFiles(folder: string, source: string, dataset: string, label: string): PartFiles {
  const records = join(folder, ".shardmill");
  const own = async (below: string): Promise<string[]> => {
    const names = await readdir(below, { withFileTypes: true }).catch(() => []);
    const isOwn = (name: string): boolean =>
      name.startsWith(`${dataset}-${label}-`) || name.startsWith(`${label}.`) || name.startsWith(`${label}-`);
    return names
      .filter((entry) => entry.isFile() && isOwn(entry.name))
      .map(({ name }) => join(below, name))
      .sort();
  };
  const tars = async (): Promise<string[]> => (await own(folder)).filter((path) => path.endsWith(".tar"));
  const removeAll = async (paths: readonly string[], isTurn: () => boolean): Promise<void> => {
    for (const path of paths) if (isTurn()) await rm(path);
  };
  return {
    async remove(kind, isTurn) {
      if (kind === "tar") return removeAll(await tars(), isTurn);
      if (kind !== "records") return removeAll(await own(join(records, kind)), isTurn);
      for (const below of ["manifests", "plans", "parts", "ledger"])
        await removeAll(await own(join(records, below)), isTurn);
    },
    async fail() {
      const path = join(records, "parts", `${label}.json`);
      const end = JSON.parse(await readFile(path, "utf8"));
      const failed = { ...end, state: "failed", code: "output_io", detail: "the disk gave up" };
      await writeFile(path, `${JSON.stringify(failed)}\n`);
    },
    async damage(seeded) {
      const paths = await tars();
      const path = paths[seeded.below(paths.length)] ?? "";
      const bytes = await readFile(path);
      bytes[700] = (bytes[700] ?? 0) ^ 0xff;
      await writeFile(path, bytes);
    },
    async touchSource() {
      const number = Number(label.slice(1));
      const [name = ""] = (await readdir(source)).filter((file) => file.startsWith(`part_${number}.`));
      await copyFile(join(source, "others", name), join(source, name));
    },
  };
}
