import { parseMix } from "@shardmill/catalogue";
import { type Dataset, Failure, type NamedRecipe } from "@shardmill/core";
import type { Store } from "@shardmill/store";
import type { Decontamination } from "../src/keys/related-keys.ts";
import { type MadeMix, makeMix } from "../src/make-mix.ts";

interface ToyMixOptions extends Partial<Decontamination> {
  readonly withoutSplit?: string;
}

/** A mix of its YAML, over the outputs of a store; the catalogue has the datasets that are given. */
export function makeToyMix(
  store: Store,
  yaml: string,
  catalogue: ReadonlyMap<string, Dataset> = new Map(),
  { withoutSplit, ...decontamination }: ToyMixOptions = {},
): Promise<MadeMix> {
  const read = parseMix(yaml, "toy-mix.yaml", toyRecipe);
  if (read.kind !== "ok") throw new Error(JSON.stringify(read.problems));
  const places = {
    store,
    dataset: (name: string) => catalogue.get(name) ?? null,
    nearest: (name: string) => (name === "clip" ? "clips" : null),
    ...(withoutSplit !== undefined && { withoutSplit }),
  };
  return makeMix(read.value, places, new AbortController().signal, { against: [], ...decontamination });
}

/** The one recipe that there is. */
function toyRecipe(name: string): NamedRecipe {
  if (name !== "toy") throw new Failure("wrong_use", `unknown recipe ${name}; did you mean toy?`);
  return { name, title: "Toys", recipe: {} };
}

/** What is wrong with it, as `path: message`. */
export function problemsOf({ problems }: MadeMix): string[] {
  return problems.map(({ path, message }) => `${path}: ${message}`);
}
