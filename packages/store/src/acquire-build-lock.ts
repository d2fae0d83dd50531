import { randomUUID } from "node:crypto";
import { Failure } from "@shardmill/core";
import { markState, type ProcessMark, type ProcessState, thisProcess } from "./process-mark.ts";
import { parseRecord, type RecordSchema, recordText } from "./record-file.ts";
import type { Records } from "./records.ts";
import type { Store } from "./store.ts";
import { takeAway } from "./take-away.ts";

/** What a refused build is told about the one that runs. */
interface LockHolder {
  readonly build: string;
}

export interface BuildLock {
  /** Aborts with a Failure when another machine has taken the lock over, because this process seemed dead. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockSettings {
  readonly heartbeatMs?: number;
  /** A holder on another machine that gave no sign of life for this long is taken for dead. */
  readonly staleAfterMs?: number;
  readonly owner?: ProcessMark;
}

const inFolder = { heartbeatMs: 5_000, staleAfterMs: 60_000 };
const probeMark = ".now-";
/** Two requests a beat: about 8,600 a day. */
const inBucket = { heartbeatMs: 20_000, staleAfterMs: 120_000 };

interface LockRecord {
  readonly build: string;
  readonly owner: ProcessMark;
  readonly since: string;
  readonly beats: number;
  readonly released: boolean;
}

/**
 * One build at a time writes into a dataset's folder; several machines may share it.
 *
 * The lock is a folder of numbered files, and the holder is who made the highest number. A lock is taken by making
 * the next number with link(2), which only one of many can do. A dead holder's file is therefore never removed or
 * replaced by the one who takes over, so that nobody can remove a lock that has changed hands in between. Numbers never
 * go down: a released lock stays as a file that says so until the next holder is above it.
 */
export async function acquireBuildLock(
  records: Records,
  holder: LockHolder,
  settings: LockSettings = {},
): Promise<BuildLock> {
  const { store, paths } = records;
  const usual = store.conditional === null ? inFolder : inBucket;
  const owner = settings.owner ?? thisProcess();
  const mine: LockRecord = {
    build: holder.build,
    owner,
    since: new Date().toISOString(),
    beats: 0,
    released: false,
  };
  for (;;) {
    const top = await highest(store, paths.lock);
    if (top !== null) await refuseIfHeld(records, top, settings.staleAfterMs ?? usual.staleAfterMs);
    const number = (top ?? 0) + 1;
    const path = lockPath(paths.lock, number);
    if ((await store.putNew(path, recordText(mine))) === "exists") continue;
    if ((await highest(store, paths.lock)) !== number) {
      await store.remove(path);
      continue;
    }
    await removeBelow(store, paths.lock, number);
    const kept = { mine, heartbeatMs: settings.heartbeatMs ?? usual.heartbeatMs };
    return hold(store, paths.lock, number, kept);
  }
}

/** The process that owns a build, as far as its lock tells; null where nobody does. */
export interface BuildOwner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly state: ProcessState;
}

export async function readBuildOwner({ store, paths }: Records): Promise<BuildOwner | null> {
  const top = await highest(store, paths.lock);
  const record = top === null ? null : await readLock(store, lockPath(paths.lock, top));
  if (record === null) return null;
  const { owner, since } = record;
  return { pid: owner.pid, host: hostOf(owner), since, state: markState(owner) };
}

async function readLock(store: Store, path: string): Promise<LockRecord | null> {
  const bytes = await store.read(path);
  if (bytes === null) return null;
  const read = parseRecord(Buffer.from(bytes).toString(), lockSchema);
  return read.kind === "ok" && !read.value.released ? read.value : null;
}

function hostOf({ host }: ProcessMark): string {
  return host.replace(/\.[0-9a-f]{8}$/, "");
}

async function refuseIfHeld(records: Records, number: number, staleAfterMs: number): Promise<void> {
  const path = lockPath(records.paths.lock, number);
  const record = await readLock(records.store, path);
  if (record === null) return;
  const { owner, build, since } = record;
  const state = markState(owner);
  if (state === "dead") return;
  if (state === "unknown" && (await silentMs(records.store, path)) > staleAfterMs) return;
  throw new Failure(
    "build_locked",
    `${records.dataset} is being built into this folder by ${build} (process ${owner.pid} on ${hostOf(owner)}, since ${since})`,
    { where: { dataset: records.dataset, path } },
  );
}

/** Since the last heartbeat, by the clock of the storage alone: the machines' clocks may differ. */
async function silentMs(store: Store, path: string): Promise<number> {
  if (store.conditional !== null) return silentInBucket(store, path);
  const probe = await store.createTemp(path);
  try {
    await probe.write(Buffer.from("now"));
    await probe.sync();
    const [now, beat] = [await store.stat(probe.path), await store.stat(path)];
    return now === null || beat === null ? 0 : now.modifiedMs - beat.modifiedMs;
  } finally {
    await probe.remove();
  }
}

/** What is not sent yet lies on this machine, and has its clock. */
async function silentInBucket(store: Store, path: string): Promise<number> {
  const probe = `${path}${probeMark}${randomUUID()}`;
  try {
    await store.put(probe, "now");
    const [now, beat] = [await store.stat(probe), await store.stat(path)];
    return now === null || beat === null ? 0 : now.modifiedMs - beat.modifiedMs;
  } finally {
    await takeAway(store, [probe]);
  }
}

function hold(
  store: Store,
  folder: string,
  number: number,
  { mine, heartbeatMs }: { readonly mine: LockRecord; readonly heartbeatMs: number },
): BuildLock {
  const lost = new AbortController();
  const path = lockPath(folder, number);
  let beats = 0;
  let beating: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    const top = await highest(store, folder);
    // The storage is away, as far as it shows nothing: nobody has taken anything over, and nothing is made in its place.
    if (top === null) return;
    if (top !== number) {
      clearInterval(timer);
      lost.abort(new Failure("build_locked", `the lock of ${mine.build} was taken over by another machine`));
      return;
    }
    beats += 1;
    await store.put(path, recordText({ ...mine, beats }));
  };
  // A beat that fails (disk full, storage away) is made up for by the next one.
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => undefined);
  }, heartbeatMs);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await beating;
      if ((await highest(store, folder)) !== number) return;
      await store.put(path, recordText({ ...mine, beats, released: true }));
    },
  };
}

function lockPath(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(8, "0")}.json`;
}

async function numbers(store: Store, folder: string): Promise<number[]> {
  const names = (await store.list(folder)).map((path) => path.slice(folder.length + 1));
  return names.filter((name) => /^\d{8}\.json$/.test(name)).map((name) => Number(name.slice(0, 8)));
}

async function highest(store: Store, folder: string): Promise<number | null> {
  return (await numbers(store, folder)).at(-1) ?? null;
}

async function removeBelow(store: Store, folder: string, number: number): Promise<void> {
  const older = (await numbers(store, folder)).filter((one) => one < number);
  // Of those who were killed while they asked how late it is; in a folder they are temporaries, which are swept.
  const all = store.conditional === null ? [] : await store.list(folder);
  const probes = all.filter((path) => path.includes(probeMark));
  await takeAway(store, [...older.map((one) => lockPath(folder, one)), ...probes]);
}

const lockSchema: RecordSchema<LockRecord> = {
  safeParse(value) {
    if (isLockRecord(value)) return { success: true, data: value };
    return { success: false, error: { issues: [{ path: [], message: "expected a lock" }] } };
  },
};

function isLockRecord(value: unknown): value is LockRecord {
  if (typeof value !== "object" || value === null) return false;
  if (!("build" in value && "owner" in value && "since" in value && "released" in value)) return false;
  const { build, owner, since, released } = value;
  const isSaid = typeof build === "string" && typeof since === "string" && typeof released === "boolean";
  return isSaid && typeof owner === "object" && owner !== null && "pid" in owner && "host" in owner;
}
