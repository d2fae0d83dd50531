import { markText, type ProcessMark, parseMarkText, thisProcess } from "./process-mark.ts";

let made = 0;

/**
 * A name for a temporary file or folder that tells whose it is: `.<name>~<mark>~<n>.tmp`.
 * It begins with a dot, so that no reader's `*.tar` finds it.
 */
export function temporaryName(name: string, mark: ProcessMark = thisProcess()): string {
  made += 1;
  return `.${name.slice(0, 120)}~${markText(mark)}~${made}.tmp`;
}

const pattern = /^\.(.*)~((?:[^~]+~){4}\d+)~\d+\.tmp$/;

/** What a temporary name says; null for any other name. */
export function parseTemporaryName(fileName: string): { name: string; mark: ProcessMark } | null {
  const [, name = "", text = ""] = pattern.exec(fileName) ?? [];
  const mark = parseMarkText(text);
  return mark === null ? null : { name, mark };
}
