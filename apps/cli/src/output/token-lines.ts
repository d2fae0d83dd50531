import { dirname, resolve } from "node:path";
import { recordedTokenizer } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import { type TokenRun, tokenRuns } from "@shardmill/text";

/** What the tokens of a sample say, and how many there are; null for a sample without, or whose tokenizer is not there. */
export async function readTokenRuns(
  shard: string,
  metadata: Readonly<Record<string, unknown>>,
): Promise<readonly TokenRun[] | null> {
  const { token_ids: ids, loss_mask: mask } = metadata;
  if (!isNumbers(ids) || !isNumbers(mask)) return null;
  const folder = dirname(resolve(shard));
  const records = openRecords(await openStore(dirname(folder)), folder.slice(dirname(folder).length + 1));
  const build = await records.readBuild();
  const tokenizer = build === null ? null : await recordedTokenizer(records, build);
  return tokenizer === null ? null : tokenRuns(tokenizer.files, ids, mask);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
