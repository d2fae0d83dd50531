import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { parseDataset, problemText } from "@shardmill/catalogue";
import { type Dataset, Failure } from "@shardmill/core";
import { openStore, thisProcess } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { safeText } from "../text/clean-text.ts";
import { placeIn } from "../text/place-text.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { draftPlace, isFolder, mustBeWhole } from "./draft-place.ts";
import { hasMarks, marksOf } from "./folder-marks.ts";

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
const beginMarks = "# on ";

/** The first lines of a kept entry: folders of one name would share it, and with it an output. None of a path that is no line. */
function ofFolder(place: string): string {
  const path = realpathSync(place);
  if (/[\r\n]/.test(path)) return "";
  return `${begin}${path}\n${beginMarks}${thisProcess().host} ${marksOf(path).join(" ")}\n`;
}

/**
 * A folder goes on with its entry wherever it was moved to, on this machine or another one, as long as most of the files that it is
 * known by are there; two that are there both, or hold other files, do not share one.
 */
function mustBeOf(place: string, file: string, kept: string): void {
  const [line = "", second = ""] = kept.split(/\r?\n/, 2);
  if (!line.startsWith(begin)) return;
  const other = line.slice(begin.length);
  const here = thisProcess().host;
  // Entries of before have no second line.
  const isMarked = second.startsWith(beginMarks);
  const [host = here, ...marks] = isMarked ? second.slice(beginMarks.length).trim().split(" ") : [];
  if (host === here && other === realpathSync(place)) return;
  const isThere = host === here && existsSync(other);
  if (!isThere && hasMarks(realpathSync(place), marks)) return;
  const elsewhere = host === here ? "" : ` on ${host.replace(/\.[0-9a-f]{8}$/, "")}`;
  throw anotherFolder(place, file, safeText(`${other}${elsewhere}${isThere ? "" : ", with other files"}`));
}

function anotherFolder(place: string, file: string, other: string): Failure {
  return new Failure(
    "wrong_use",
    `${file} is the entry of ${other}, and ${safeText(place)} has the same name: give it another --out; if it is the same data, take the entry's first line away`,
  );
}
