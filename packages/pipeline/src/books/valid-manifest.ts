import type { Manifest, PartPlan } from "@shardmill/core";
import type { FileStat, Records } from "@shardmill/store";

export type WorkIdentity = Pick<PartPlan, "contentId" | "annotationsId" | "recipeHash">;
/** What of a plan says whether a shard is its. */
export type ValidFor = WorkIdentity & Pick<PartPlan, "archive" | "ranges" | "keptSupplements">;

/** True when two plans describe the same work. */
export function isSameWork(a: WorkIdentity, b: WorkIdentity): boolean {
  return a.contentId === b.contentId && a.annotationsId === b.annotationsId && a.recipeHash === b.recipeHash;
}

/**
 * True when a shard is what a plan asks for: of its content and recipe, and of members whose names and records are those
 * that the plan has for its range, whatever else of the annotations changed since it was made.
 */
export function isOfPlan(manifest: Manifest, plan: ValidFor): boolean {
  if (manifest.recipeHash !== plan.recipeHash) return false;
  if (!holdsContent(plan) && manifest.contentId !== plan.contentId) return false;
  const made = manifest.rangeDigest;
  if (manifest.range === null) {
    const isKept = made !== null && plan.keptSupplements?.includes(made) === true;
    return isKept || (manifest.contentId === plan.contentId && manifest.annotationsId === plan.annotationsId);
  }
  const planned = rangeOf(plan, manifest)?.digest ?? null;
  if (made === null && planned === null) return isSameWork(manifest, plan);
  // A stream's range may be committed a moment before its plan names it.
  return rangeOf(plan, manifest) === undefined ? isSameWork(manifest, plan) : made === planned;
}

/** The members of these are told by their own content, file by file or row by row: a neighbour's change is not theirs. */
export function holdsContent({ archive }: Pick<PartPlan, "archive">): boolean {
  return ["images", "urls", "table", "roots"].includes(archive);
}

function rangeOf({ ranges }: ValidFor, { range, shard }: Manifest): PartPlan["ranges"][number] | undefined {
  const planned = range === null ? undefined : ranges[range];
  return planned?.shard === shard ? planned : undefined;
}

/** Present, of the plan, and a tar of that size, which in a bucket has the hash that it says as well. Nothing is hashed: that is for `verify`. */
export async function validManifest(
  records: Records,
  plan: ValidFor,
  shard: string,
): Promise<Manifest | null> {
  const found = await records.readManifest(shard);
  return found.kind === "ok" && isOfPlan(found.value, plan) && (await hasItsTar(records, found.value))
    ? found.value
    : null;
}

async function hasItsTar(records: Records, { tar, shard }: Manifest): Promise<boolean> {
  if (tar === null) return true;
  const file = await records.store.stat(records.paths.tar(shard));
  return file?.sizeBytes === tar.bytes && (file.sha256 ?? tar.sha256) === tar.sha256;
}

const looksAtOnce = 16;
/** So few are looked at one by one: a listing of a bucket tells of a thousand files, of which half are tars. */
const fewest = 8;

/** A few at a time: a thousand at once would keep everybody else's reads waiting. */
export async function withTheirTars(records: Records, manifests: readonly Manifest[]): Promise<Manifest[]> {
  const listed = manifests.length > fewest ? await listedTars(records, manifests) : null;
  if (listed !== null) return withListedTars(records, manifests, listed);
  return lookedAt(records, manifests);
}

async function lookedAt(records: Records, manifests: readonly Manifest[]): Promise<Manifest[]> {
  const standing: Manifest[] = [];
  for (let at = 0; at < manifests.length; at += looksAtOnce) {
    const some = manifests.slice(at, at + looksAtOnce);
    const present = await Promise.all(some.map((manifest) => hasItsTar(records, manifest)));
    standing.push(...some.filter((_, index) => present[index] === true));
  }
  return standing;
}

async function listedTars(
  { store, paths }: Records,
  manifests: readonly Manifest[],
): Promise<Map<string, FileStat> | null> {
  if (store.conditional === null) return null;
  const [first = "", ...others] = manifests.map(({ shard }) => shard);
  const files = await store.conditional.beginning(`${paths.dataset}/${commonStart(first, others)}`);
  return new Map(files.map((file) => [file.path, file]));
}

function commonStart(first: string, others: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** In most buckets the tag of an object is its MD5, which the manifest tells as well; where it is another, what is kept beside the tar is asked for. */
async function withListedTars(
  records: Records,
  manifests: readonly Manifest[],
  listed: ReadonlyMap<string, FileStat>,
): Promise<Manifest[]> {
  const unlike: Manifest[] = [];
  const there = manifests.filter((manifest) => {
    const { tar, shard } = manifest;
    const file = listed.get(records.paths.tar(shard));
    if (tar === null || (file?.sizeBytes === tar.bytes && file.identity === tar.md5)) return true;
    if (file?.sizeBytes === tar.bytes) unlike.push(manifest);
    return false;
  });
  if (unlike.length === 0) return there;
  const looked = new Set(await lookedAt(records, unlike));
  const standing = new Set(there);
  return manifests.filter((manifest) => standing.has(manifest) || looked.has(manifest));
}

/** The valid manifests of a plan's part. */
export async function standingManifests(records: Records, plan: PartPlan): Promise<Manifest[]> {
  const manifests = await records.listManifests(plan);
  return withTheirTars(
    records,
    manifests.filter((manifest) => isOfPlan(manifest, plan)),
  );
}
