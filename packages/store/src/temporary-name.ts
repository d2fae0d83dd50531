import { type Owner, ownerText, parseOwnerText, thisOwner } from "./owner.ts";

let made = 0;

/**
 * A name for a temporary file or folder that tells whose it is: `.<name>~<owner>~<n>.tmp`.
 * It begins with a dot, so that no reader's `*.tar` finds it.
 */
export function temporaryName(name: string, owner: Owner = thisOwner()): string {
  made += 1;
  return `.${name.slice(0, 120)}~${ownerText(owner)}~${made}.tmp`;
}

const pattern = /^\.(.*)~((?:[^~]+~){4}\d+)~\d+\.tmp$/;

/** What a temporary name says; null for any other name. */
export function parseTemporaryName(fileName: string): { name: string; owner: Owner } | null {
  const [, name = "", text = ""] = pattern.exec(fileName) ?? [];
  const owner = parseOwnerText(text);
  return owner === null ? null : { name, owner };
}
