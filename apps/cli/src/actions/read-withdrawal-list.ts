import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Failure, isKey } from "@shardmill/core";
import { safeText } from "../text/clean-text.ts";

const memberWord = "member:";

/** `yt:---_iRTHryQ`, `img:<sha256>`: a short word, and what it says. */
const groupPattern = /^[a-z][a-z0-9]{0,15}:\S/;

/** What is asked to be withdrawn, as it was written. */
export interface AskedNames {
  readonly keys: Set<string>;
  readonly members: Set<string>;
  readonly groups: Set<string>;
}

/**
 * Keys, members and groups, out of a file, a line at a time, added to those that are asked for already. A line that is none of them ends
 * it: nothing is half done. Returns the line of each that nobody asked for before.
 */
export async function readWithdrawalList(
  file: string,
  { keys, members, groups }: AskedNames,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const input = createReadStream(file, { encoding: "utf8", signal });
  const lines = new Map<string, number>();
  let number = 0;
  const add = (names: Set<string>, name: string): void => {
    if (!names.has(name)) lines.set(name, number);
    names.add(name);
  };
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const text = number === 1 ? line.replace(/^\ufeff/, "") : line;
      if (text.trim() === "") continue;
      if (text.startsWith(memberWord)) add(members, text.slice(memberWord.length));
      else if (isKey(text.trim())) add(keys, text.trim());
      else if (groupPattern.test(text)) add(groups, text.trim());
      else
        throw new Failure(
          "wrong_use",
          `line ${number} of ${file} is no key, no member:NAME and no group such as yt:---_iRTHryQ: ${safeText(text, 80)}`,
        );
    }
    return lines;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    const why = error instanceof Error ? error.message : "unknown";
    throw new Failure("wrong_use", `the list ${file} cannot be read: ${why}`);
  }
}
