import { hostname, userInfo } from "node:os";
import { Failure, recordVersion } from "@shardmill/core";
import type { RetrySelection } from "@shardmill/pipeline";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

const text = (most: number) => z.string().transform((said) => said.slice(0, most));

const requestSchema = z.object({
  version: z.literal(recordVersion),
  at: z.iso.datetime(),
  verb: z.enum(["build", "rebuild", "retry", "pause", "resume", "cancel"]),
  /** What of the build it was about, in a few words; null: all of it. */
  about: text(300).nullable(),
  /** `command`: user@host. `page` and `api`: the caller's address, or the name that it gave itself, which nobody has proven. */
  origin: z.object({ kind: z.enum(["command", "page", "api"]), who: text(200) }),
  /** done: the build was steered. refused: nothing came of it, for this code. */
  result: z.enum(["queued", "nothing_to_do", "done", "refused"]),
  /** How many parts it put to work; null where it asked for none. */
  parts: z.int().nullable(),
  code: z.string().nullable(),
  detail: text(500).nullable(),
});

/** Who asked for what of a build, when, and what came of it. */
export type RequestRecord = z.output<typeof requestSchema>;
/** What is known before it is carried out. */
export type Asked = Pick<RequestRecord, "verb" | "about" | "origin">;

/** The oldest go first. */
const mostKept = 100;

/** The person at the command line, as this machine knows them. */
export function commandOrigin(): Asked["origin"] {
  return { kind: "command", who: `${userName()}@${hostname()}` };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return `${process.getuid?.() ?? "unknown"}`;
  }
}

/**
 * Carries a request out and keeps beside the records what came of it, a file each, so that neither another process nor a kill
 * spoils an earlier one. For people: nothing is decided by it. Nothing is kept of a dataset that has no build, or where the
 * output cannot be written now: whoever asked is told of that.
 */
export async function asRecorded<T>(
  recordsOf: () => Records | null,
  asked: Asked,
  work: () => Promise<T>,
  resultOf: (done: T) => Pick<RequestRecord, "result" | "parts">,
): Promise<T> {
  const at = new Date().toISOString();
  const keep = async (result: Omit<RequestRecord, "version" | "at" | keyof Asked>): Promise<void> => {
    const records = recordsOf();
    if (records !== null) await keepRequest(records, { version: recordVersion, at, ...asked, ...result });
  };
  let done: T;
  try {
    done = await work();
  } catch (error) {
    await keep({ result: "refused", parts: null, ...refusalOf(error) });
    throw error;
  }
  await keep({ ...resultOf(done), code: null, detail: null });
  return done;
}

/** What is thrown with a code was said to whoever asked; the words of anything else are not for others. */
function refusalOf(error: unknown): { code: string | null; detail: string | null } {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? { code: error.code, detail: error.message }
    : { code: null, detail: null };
}

/** What a retry is about, in the words of its selection. */
export function aboutRetry(selection: RetrySelection): string {
  const codes = selection.kind === "failed-samples" ? ` (${selection.codes.join(", ")})` : "";
  const all = selection.kind === "missing" && selection.all === true ? ", of all parts" : "";
  const parts = (selection.parts ?? []).flatMap((asked) => ("list" in asked ? [asked.text] : []));
  const named = parts.length === 0 ? [] : [`parts ${parts.join(",")}`];
  // Of the kind that is parts alone their names are all there is to tell.
  const kind = selection.kind === "parts" && named.length > 0 ? [] : [`${selection.kind}${codes}${all}`];
  return [...kind, ...named].join(", ");
}

async function keepRequest(records: Records, request: RequestRecord): Promise<void> {
  const { store, paths } = records;
  try {
    if ((await store.stat(paths.build)) === null) return;
    const content = recordText(requestSchema.parse(request));
    for (let number = Date.parse(request.at); ; number += 1)
      if ((await store.putNew(`${paths.requests}/${number}.json`, content)) === "published") break;
    const kept = await namesOf(records);
    for (const path of kept.slice(0, -mostKept)) await store.remove(path);
  } catch (error) {
    // A full disk, or an output that is away, is told by those whose work needs it.
    if (!(error instanceof Failure)) throw error;
  }
}

/** What was read of an output's in a bucket: each is put there once, and a page asks for all of them over and over. */
const readBefore = new WeakMap<Records, ReadonlyMap<string, RequestRecord>>();

/** The newest first; what cannot be read, of a crash or another version, is passed over. */
export async function readRequests(records: Records, most = mostKept): Promise<RequestRecord[]> {
  const paths = (await namesOf(records)).slice(-most).reverse();
  const before = readBefore.get(records);
  const read = paths.map(async (path): Promise<[string, RequestRecord][]> => {
    const request = before?.get(path) ?? (await readRequest(records, path));
    return request === null ? [] : [[path, request]];
  });
  const found = new Map((await Promise.all(read)).flat());
  if (records.store.conditional !== null) readBefore.set(records, found);
  return [...found.values()];
}

async function readRequest({ store }: Records, path: string): Promise<RequestRecord | null> {
  try {
    return await readRecord(store, path, requestSchema);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Of files that are named by milliseconds, the oldest first. */
async function namesOf({ store, paths }: Records): Promise<string[]> {
  const all = await store.list(paths.requests);
  return all.filter((path) => /\/\d{13}\.json$/.test(path)).sort();
}
