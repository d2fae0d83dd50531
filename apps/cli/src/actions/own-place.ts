import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseDataset, problemText } from "@shardmill/catalogue";
import { type Dataset, Failure } from "@shardmill/core";
import { openStore } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { safeText } from "../text/clean-text.ts";
import { placeIn } from "../text/place-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { draftPlace, isFolder, mustBeWhole } from "./draft-place.ts";

export interface OwnPlace {
  readonly dataset: Dataset;
  readonly folder: string;
}

/** Whether a build is asked of a folder itself: no entry's name has a slash, and an entry comes before a folder of its name. */
export async function isOwnPlace({ catalogue }: CommandContext, word: string): Promise<boolean> {
  if (!existsSync(word)) return false;
  const known = (await catalogue()).list();
  if (known.some(({ name }) => name === word)) return false;
  if (isFolder(word)) return true;
  const cure = /\.ya?ml$/i.test(word)
    ? `add it with ${shellCommand("shardmill", "datasets", "add", pathWord(word))}, then build it by its name`
    : "name the folder that it lies in";
  throw new Failure("wrong_use", `${safeText(word)} is a file: ${cure}`);
}

/**
 * The entry of a folder that is built as it lies there: the one that was kept beside the output, which a person may have corrected,
 * else a draft, which is kept there.
 */
export async function ownPlace(context: CommandContext, place: string, out: string): Promise<OwnPlace> {
  const { console } = context;
  const draft = await draftPlace(context, place);
  const name = `${draft.name}.yaml`;
  const file = placeIn(out, name);
  const store = await openStore(out);
  const bytes = await store.read(name);
  const kept = bytes === null ? null : Buffer.from(bytes).toString("utf8");
  if (kept === null) {
    mustBeWhole(place, draft);
    for (const remark of draft.remarks) console.note(`note: ${safeText(remark)}`);
    await store.putNew(name, draft.yaml);
  }
  console.note(
    `note: the entry is ${file}${kept === null ? ", drafted: what you correct there holds from then on" : ""}`,
  );
  const parsed = parseDataset(kept ?? draft.yaml, `${draft.name}.yaml`);
  if (parsed.kind === "ok") return { dataset: parsed.value, folder: resolve(place) };
  throw new Failure("wrong_use", `${file} has a mistake: ${parsed.problems.map(problemText).join("; ")}`);
}
