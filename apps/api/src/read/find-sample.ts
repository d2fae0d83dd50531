import { type Manifest, naturalOrder, partLabel } from "@shardmill/core";
import type { SamplePlace } from "../contract/index.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { hasSample } from "./read-sample.ts";

/** Where a key's sample lies: by the manifests' first and last keys, so that few shards are looked into, however many there are. */
export async function findSample(service: Service, dataset: string, key: string): Promise<SamplePlace> {
  const { books } = await service.view(dataset);
  const { records } = service.books(dataset);
  for (const manifest of books.manifests.filter((one) => mayHold(one, key))) {
    const { shard } = manifest;
    if (await hasSample({ records, shards: service.shards, shard, signal: service.signal }, key))
      return { key, part: partLabel(manifest), shard };
  }
  throw ApiProblem.notFound(`no committed shard of ${dataset} has a sample ${key}`);
}

function mayHold({ tar, firstKey, lastKey }: Manifest, key: string): boolean {
  if (tar === null || firstKey === null || lastKey === null) return false;
  return (
    beginningOf(firstKey) === beginningOf(key) &&
    naturalOrder(firstKey, key) <= 0 &&
    naturalOrder(key, lastKey) <= 0
  );
}

/** What all keys of a part begin with. */
function beginningOf(key: string): string | undefined {
  return /^(.*-)\d{6,}/.exec(key)?.[1];
}
