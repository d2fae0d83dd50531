import { exactJsonText, Failure, parseExactJson, recordVersion, recordVersionOf } from "@shardmill/core";
import { MissingFile } from "./output-failure.ts";
import type { Store, TempFile } from "./store.ts";

/** What of a zod schema is needed here. */
export interface RecordSchema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: {
          readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
        };
      };
}

export type RecordRead<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly detail: string };

export async function readRecordFile<T>(
  store: Store,
  path: string,
  schema: RecordSchema<T>,
): Promise<RecordRead<T>> {
  const bytes = await store.read(path);
  return bytes === null ? { kind: "absent" } : recordOf(path, bytes, schema);
}

/** What a file's bytes say. */
export function recordOf<T>(path: string, bytes: Uint8Array, schema: RecordSchema<T>): RecordRead<T> {
  const text = parseText(Buffer.from(bytes).toString("utf8"));
  if (text.kind === "ok") refuseNewer(path, text.value);
  return text.kind === "ok" ? checked(text.value, schema) : text;
}

/** A record of a newer Shardmill is not damaged: what it tells must neither be passed over nor made again. */
function refuseNewer(path: string, value: unknown): void {
  const version = recordVersionOf(value) ?? recordVersion;
  if (version <= recordVersion) return;
  throw new Failure(
    "record_newer",
    `the record ${path} is of a newer Shardmill: it has version ${version}, and this one reads up to ${recordVersion}`,
    { where: { path } },
  );
}

/** The record, or null where there is none; a damaged one is a Failure that names its file. */
export async function readRecord<T>(store: Store, path: string, schema: RecordSchema<T>): Promise<T | null> {
  const read = await readRecordFile(store, path, schema);
  if (read.kind === "damaged") throw damaged(path, read.detail);
  return read.kind === "ok" ? read.value : null;
}

export function parseRecord<T>(text: string, schema: RecordSchema<T>): RecordRead<T> {
  const read = parseText(text);
  return read.kind === "ok" ? checked(read.value, schema) : read;
}

function parseText(text: string): Exclude<RecordRead<unknown>, { readonly kind: "absent" }> {
  try {
    return { kind: "ok", value: parseExactJson(text).value };
  } catch (error) {
    return { kind: "damaged", detail: error instanceof Error ? error.message : "no JSON" };
  }
}

function checked<T>(value: unknown, schema: RecordSchema<T>): RecordRead<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: "ok", value: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    kind: "damaged",
    detail: issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}`,
  };
}

export function damaged(path: string, detail: string): Failure {
  return new Failure("record_invalid", `the record ${path} cannot be read: ${detail}`, { where: { path } });
}

/** A record as text: indented, so that a person can read it and a diff shows a field a line. */
export function recordText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Lines of JSON, parsed one by one; no lines when there is no such file. */
export async function* readRecordLines<T>(
  store: Store,
  path: string,
  schema: RecordSchema<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  let number = 0;
  for await (const line of linesOf(chunksIfAny(store, path, signal))) {
    number += 1;
    const read = parseRecord(line, schema);
    if (read.kind !== "ok")
      throw damaged(path, `line ${number}: ${read.kind === "damaged" ? read.detail : ""}`);
    yield read.value;
  }
}

async function* chunksIfAny(store: Store, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let hasBegun = false;
  try {
    for await (const chunk of store.chunks(path, signal)) {
      hasBegun = true;
      yield chunk;
    }
  } catch (error) {
    // One that goes away while it is read is no empty one.
    if (hasBegun || !(error instanceof MissingFile)) throw error;
  }
}

/** All lines but those that hold the given bytes, which are not even parsed; none when there is no such file. */
export async function readRecordLinesBut<T>(
  store: Store,
  path: string,
  schema: RecordSchema<T>,
  passedOver: Uint8Array,
): Promise<T[]> {
  const bytes = await store.read(path);
  return bytes === null ? [] : parseLines(path, bytes, schema, passedOver);
}

/** The lines of a file's bytes, but those that hold the bytes to be passed over. */
export function parseLines<T>(
  path: string,
  bytes: Uint8Array,
  schema: RecordSchema<T>,
  passedOver: Uint8Array | null = null,
): T[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const next = (from: number): number => (passedOver === null ? -1 : text.indexOf(passedOver, from));
  const values: T[] = [];
  let found = next(0);
  for (let from = 0, number = 1; from < text.length; number += 1) {
    const newline = text.indexOf(10, from);
    const end = newline < 0 ? text.length : newline;
    if (found >= 0 && found < from) found = next(from);
    if (found < 0 || found >= end) {
      const read = parseRecord(text.toString("utf8", from, end), schema);
      if (read.kind !== "ok")
        throw damaged(path, `line ${number}: ${read.kind === "damaged" ? read.detail : ""}`);
      values.push(read.value);
    }
    from = end + 1;
  }
  return values;
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      held.push(Buffer.from(chunk.buffer, chunk.byteOffset + from, end - from));
      yield Buffer.concat(held).toString("utf8");
      held = [];
      from = end + 1;
    }
    if (from < chunk.length)
      held.push(Buffer.from(chunk.buffer, chunk.byteOffset + from, chunk.length - from));
  }
  if (held.length > 0) yield Buffer.concat(held).toString("utf8");
}

const batchBytes = 1 << 20;

/** Writes lines of JSON into a temporary file and syncs it; the caller publishes it. */
export async function fillWithLines(
  temp: Pick<TempFile, "write" | "sync">,
  lines: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  let batch = "";
  for await (const line of lines) {
    batch += `${exactJsonText(line)}\n`;
    if (batch.length < batchBytes) continue;
    await temp.write(Buffer.from(batch));
    batch = "";
  }
  await temp.write(Buffer.from(batch));
  await temp.sync();
}

export async function putLines(
  store: Store,
  path: string,
  lines: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  const temp = await store.createTemp(path);
  try {
    await fillWithLines(temp, lines);
    await temp.replace(path);
  } finally {
    await temp.remove();
  }
}
