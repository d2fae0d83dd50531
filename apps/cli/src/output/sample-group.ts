import { Failure } from "@shardmill/core";
import { groupOfSample } from "@shardmill/pipeline";
import type { CommandContext } from "../context/command-context.ts";
import { shardRecords } from "./shard-records.ts";

/** Which original a sample comes of; null where the records beside its shard do not tell, whatever is wrong with them. */
export async function sampleGroup(
  { catalogue, signal }: Pick<CommandContext, "catalogue" | "signal">,
  shard: string,
  key: string,
): Promise<string | null> {
  try {
    const found = await shardRecords(shard);
    if (found.kind === "unknown") return null;
    const { records, build, manifest } = found;
    const known = (await catalogue()).list().find(({ name }) => name === (build.entry ?? build.dataset.name));
    return await groupOfSample(records, known ?? build.dataset, { ...manifest, key }, signal);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
