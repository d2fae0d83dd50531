import { asOutput, type Dataset, Failure } from "@shardmill/core";
import type { Catalogue } from "./load-catalogue.ts";

/** A dataset of the catalogue as a request has it: under the output's own name where it gives one, which is no other dataset's. */
export function outputOf(catalogue: Catalogue, name: string, as: string | undefined): Dataset {
  const entry = catalogue.get(name);
  if (as === undefined || as === name) return entry;
  if (catalogue.list().some((other) => other.name === as))
    throw new Failure("wrong_use", `--as ${as}: that is the name of another dataset`);
  return asOutput(entry, as);
}
