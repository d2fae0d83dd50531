import { existsSync, realpathSync } from "node:fs";
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
    await store.putNew(name, `${ofFolder(place)}${draft.yaml}`);
  } else mustBeOf(place, file, kept);
  console.note(
    `note: the entry is ${file}${kept === null ? ", drafted: what you correct there holds from then on" : ""}`,
  );
  const parsed = parseDataset(kept ?? draft.yaml, `${draft.name}.yaml`);
  if (parsed.kind === "ok") return { dataset: parsed.value, folder: resolve(place) };
  throw new Failure("wrong_use", `${file} has a mistake: ${parsed.problems.map(problemText).join("; ")}`);
}

const begin = "# Of the folder ";

/** The first line of a kept entry: folders of one name would share it, and with it an output. None of a path that is no line. */
function ofFolder(place: string): string {
  const path = realpathSync(place);
  return /[\r\n]/.test(path) ? "" : `${begin}${path}\n`;
}

/** A folder that was moved goes on with its entry; two that are there both do not share one. */
function mustBeOf(place: string, file: string, kept: string): void {
  const [line = ""] = kept.split(/\r?\n/, 1);
  if (!line.startsWith(begin) || `${line}\n` === ofFolder(place)) return;
  const other = line.slice(begin.length);
  if (!existsSync(other)) return;
  throw new Failure(
    "wrong_use",
    `${file} is the entry of ${safeText(other)}, and ${safeText(place)} has the same name: give it another --out; if it is the same data, take the entry's first line away`,
  );
}
