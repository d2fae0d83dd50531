import { type Conditions, hashOf } from "@shardmill/core";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

/** `.shardmill/terms.json`: what was told of an output's conditions, and whether somebody accepted them. */
const toldTermsSchema = z.object({
  version: z.literal(1),
  license: z.string(),
  lines: z.array(z.string()),
  url: z.string().nullable(),
  /** terminal: asked there; option: by --accept-terms, or a request that says so; null: told to nobody who could answer. */
  accepted: z.enum(["terminal", "option"]).nullable(),
  at: z.iso.datetime(),
});
export type ToldTerms = z.output<typeof toldTermsSchema>;

/** What was told of these conditions; null where others were, or none. */
export async function toldTerms(records: Records, conditions: Conditions): Promise<ToldTerms | null> {
  const told = await readRecord(records.store, pathOf(records), toldTermsSchema);
  return told !== null && identityOf(told) === identityOf(conditions) ? told : null;
}

/** Keeps it beside the records: a later build, and every retry, has nothing more to ask. */
export async function keepToldTerms(
  records: Records,
  conditions: Conditions,
  { accepted, nowMs }: { readonly accepted: ToldTerms["accepted"]; readonly nowMs: number },
): Promise<void> {
  const { license, lines, url } = conditions;
  const at = new Date(nowMs).toISOString();
  await records.store.put(pathOf(records), recordText({ version: 1, license, lines, url, accepted, at }));
}

function identityOf({ license, lines }: Pick<Conditions, "license" | "lines">): string {
  return hashOf({ license, lines });
}

function pathOf({ paths }: Records): string {
  return `${paths.records}/terms.json`;
}
