import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import type { LoggedRequest } from "./request-log.ts";

/** The rate of a whole server, shared by its connections. */
export interface Pace {
  /** Waits until so many bytes may go out; at once where nobody is left to send them to. */
  take(bytes: number, isGone: () => boolean): Promise<void>;
}

/** Bytes are paid for in turn and before they are sent, so that connections that were given up leave no debt behind. */
export function paceOf(bytesPerSecond: number | null): Pace {
  let freeAt = 0;
  let last: Promise<void> = Promise.resolve();
  const pay = async (bytes: number, isGone: () => boolean): Promise<void> => {
    if (bytesPerSecond === null || isGone()) return;
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    // A timer is coarser than a chunk: short waits are added up.
    if (freeAt - now > 4) await sleep(freeAt - now);
  };
  return {
    take(bytes, isGone) {
      last = last.then(() => pay(bytes, isGone));
      return last;
    },
  };
}

const slowStartBytes = 65_536;
/** Kinds of fault whose body the other side did not ask for. */
const unwanted = new Set<Fault["kind"]>(["range-ignored", "wrong-range"]);
const unwantedWaitMs = 5_000;

/**
 * Writes a body, with its fault. The first 64 KiB go out in steps of a millisecond, as a network's slow start would have
 * it: on loopback the kernel alone would swallow megabytes before the other side could say that it wants none. Each piece
 * after them of a body that nobody asked for gives the other side time enough to leave, however busy the machine is.
 */
export async function sendBody(
  response: ServerResponse,
  body: AsyncIterable<Uint8Array>,
  fault: Fault | null,
  pace: Pace,
  logged: LoggedRequest,
): Promise<void> {
  const afterBytes = fault?.afterBytes ?? 0;
  let sent = 0;
  for await (const chunk of body) {
    await pace.take(chunk.length, () => response.destroyed);
    if (response.destroyed) return;
    const isHit = fault !== null && sent + chunk.length > afterBytes;
    const rest = Math.max(0, afterBytes - sent);
    if (isHit && fault.kind === "flip" && rest < chunk.length && sent <= afterBytes) {
      const flipped = Buffer.from(chunk);
      flipped[rest] = (flipped[rest] ?? 0) ^ 0xff;
      await write(response, flipped, logged);
    } else if (isHit && endsHere(fault)) {
      await write(response, chunk.subarray(0, rest), logged);
      return endBadly(response, fault);
    } else {
      await write(response, chunk, logged);
      if (isHit && fault.kind === "slow" && sent - afterBytes < 65_536) await sleep(25);
    }
    sent += chunk.length;
    await pauseAfter(sent, fault, response);
  }
  response.end();
}

function pauseAfter(sent: number, fault: Fault | null, response: ServerResponse): Promise<unknown> {
  if (fault !== null && unwanted.has(fault.kind) && sent >= slowStartBytes)
    return gone(response, unwantedWaitMs);
  return sent <= slowStartBytes ? sleep(1) : new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the other side has closed the connection, or so long. */
function gone(response: ServerResponse, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      response.off("close", end);
      resolve();
    };
    const timer = setTimeout(end, withinMs);
    response.on("close", end);
  });
}

function endsHere({ kind }: Fault): boolean {
  return kind === "cut" || kind === "early-end" || kind === "stall";
}

function endBadly(response: ServerResponse, { kind }: Fault): void {
  if (kind === "cut") response.destroy();
  if (kind === "early-end") response.end();
  // A stall holds the connection until the other side gives up or the stand-in is closed.
}

function write(response: ServerResponse, bytes: Uint8Array, logged: LoggedRequest): Promise<void> {
  if (bytes.length === 0 || response.destroyed) {
    response.flushHeaders();
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.write(bytes, (error) => {
      response.off("close", resolve);
      if (error === null || error === undefined) logged.bytesSent += bytes.length;
      resolve();
    });
  });
}
