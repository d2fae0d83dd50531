import { exactJsonText, hashOf, type Manifest, readableManifest } from "@shardmill/core";
import { changeFile } from "./change-file.ts";
import { parseLines, type RecordSchema, recordOf, recordText } from "./record-file.ts";
import type { Store } from "./store.ts";

interface RecordFile {
  readonly store: Store;
  readonly path: string;
}

/** Lines at the end of a file of lines, which is written as a whole. */
export async function addLines({ store, path }: RecordFile, lines: readonly unknown[]): Promise<void> {
  const added = lines.map(textOf).join("");
  await changeFile(store, path, (bytes) => Buffer.concat([bytes ?? Buffer.of(), Buffer.from(added)]));
}

/** Each line as `change` has it; a file that is not there is made by nobody. */
export async function changeLines<T>(
  { store, path, schema }: RecordFile & { readonly schema: RecordSchema<T> },
  change: (line: T) => T,
): Promise<void> {
  await changeFile(store, path, (bytes) =>
    bytes === null
      ? null
      : parseLines(path, bytes, schema)
          .map((line) => textOf(change(line)))
          .join(""),
  );
}

/** `another`: what lies there is not the manifest that the change is made of. */
export async function changeManifest(
  { store, path }: RecordFile,
  before: Manifest,
  after: Manifest,
): Promise<"changed" | "another"> {
  const end = await changeFile(store, path, (bytes) => {
    const read = bytes === null ? null : recordOf(path, bytes, readableManifest);
    return read?.kind === "ok" && hashOf(read.value) === hashOf(before) ? recordText(after) : null;
  });
  return end === "changed" ? end : "another";
}

function textOf(line: unknown): string {
  return `${exactJsonText(line)}\n`;
}
