import { Failure } from "@shardmill/core";
import { commandName } from "./redis-secrets.ts";

/** Why a Redis that answers does not do what the queue needs. */
export interface Refusal {
  /** Goes behind `Redis at ADDRESS`: what was found, and what to do about it. */
  readonly what: string;
  /** It is about how the server was set up, and does not pass by itself. */
  readonly lasts?: boolean;
}

/**
 * The first word of an error reply is its code; the rest is text for people, and differs from version to version
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). These are the codes of a server that is
 * sound and will not serve the queue as it is now.
 */
const meanings: Readonly<Record<string, string>> = {
  OOM: "is full (OOM): raise its maxmemory, or remove what fills it",
  READONLY: "is a read-only replica (READONLY): name its primary",
  LOADING: "is still loading its data (LOADING): it takes commands when it is done",
  BUSY: "is held up by a script of somebody else (BUSY): wait for it, or end it with SCRIPT KILL",
  MASTERDOWN: "is a replica that has lost its primary (MASTERDOWN): name the primary",
  MISCONF: "takes no writes, since it cannot save them (MISCONF): see its log; most often its disk is full",
  NOREPLICAS: "takes no writes while it has too few replicas (NOREPLICAS): bring them back",
  MOVED: "is a cluster (MOVED), and the queue needs a single server",
  ASK: "is a cluster (ASK), and the queue needs a single server",
  CROSSSLOT: "is a cluster (CROSSSLOT), and the queue needs a single server",
  TRYAGAIN: "is a cluster (TRYAGAIN), and the queue needs a single server",
  CLUSTERDOWN: "is a cluster that is down (CLUSTERDOWN), and the queue needs a single server",
  NOAUTH: "asks for a password (NOAUTH): redis://:PASSWORD@host:port, or redis://USER:PASSWORD@host:port",
  WRONGPASS: "does not accept the user or the password (WRONGPASS)",
  DENIED:
    "is in protected mode (DENIED): it takes connections of its own machine only, until it has a password",
};

const clusterCodes: ReadonlySet<string> = new Set(["MOVED", "ASK", "CROSSSLOT"]);

/** The code of an error reply; null for any other error. ioredis gives what the server said as a `ReplyError`. */
export function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  return /^[A-Z]+(?= |$)/.exec(error.message)?.[0] ?? "ERR";
}

/** What a reply says about the server itself; null for one about a single command, and for any other error. */
export function refusalOf(error: unknown): Refusal | null {
  const code = replyCode(error);
  if (code === null) return null;
  return refusalOfCode(code, commandOf(error));
}

/** The same for a code alone, and the command that it answered, where that is known. */
export function refusalOfCode(code: string, command: string | null): Refusal | null {
  if (code === "NOPERM") {
    const where = command === null || command === "" ? "" : ` for ${command}`;
    return {
      what: `refuses its user what the queue needs (NOPERM${where}): allow it +@all ~shardmill* &shardmill*`,
      lasts: true,
    };
  }
  const what = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  return what === undefined ? null : { what, lasts: clusterCodes.has(code) };
}

/** At the start every refusal is about the server: nothing of ours has been asked of it yet. Takes an error without secrets. */
export function refusalAtStart(error: unknown): Refusal {
  const known = refusalOf(error);
  if (known !== null) return known;
  const command = commandOf(error);
  if (command === "SELECT")
    return { what: "has no database of that number: correct the number at the end of REDIS_URL" };
  // The server may say back what it was sent, and these two are sent the password.
  if (command === "AUTH" || command === "HELLO")
    return {
      what: `refuses ${command} (${replyCode(error) ?? "ERR"}): its configuration takes the command away or renames it, or it takes no more clients`,
    };
  const said = error instanceof Error ? error.message.slice(0, 200) : "";
  return { what: `refuses ${command ?? "the connection"}: ${said}` };
}

function commandOf(error: unknown): string | null {
  return commandName(error)?.toUpperCase() ?? null;
}

export function unfit(address: string, { what }: Refusal, cause?: unknown): Failure {
  return new Failure("queue_unfit", `Redis at ${address} ${what}`, { where: { url: address }, cause });
}
