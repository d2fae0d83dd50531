import { parseMix } from "@shardmill/catalogue";
import type { Dataset } from "@shardmill/core";
import type { Store } from "@shardmill/store";
import { type MadeMix, makeMix } from "../src/make-mix.ts";

/** A mix of its YAML, over the outputs of a store; the catalogue has the datasets that are given. */
export function makeToyMix(
  store: Store,
  yaml: string,
  catalogue: ReadonlyMap<string, Dataset> = new Map(),
  withoutSplit?: string,
): Promise<MadeMix> {
  const read = parseMix(yaml, "toy-mix.yaml");
  if (read.kind !== "ok") throw new Error(JSON.stringify(read.problems));
  const places = {
    store,
    dataset: (name: string) => catalogue.get(name) ?? null,
    nearest: (name: string) => (name === "clip" ? "clips" : null),
    ...(withoutSplit !== undefined && { withoutSplit }),
  };
  return makeMix(read.value, places, new AbortController().signal);
}

/** What is wrong with it, as `path: message`. */
export function problemsOf({ problems }: MadeMix): string[] {
  return problems.map(({ path, message }) => `${path}: ${message}`);
}
