import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { encodeMessage, type Message, MessageReader } from "../child/message-stream.ts";
import { type ChildReply, parseReply } from "../child/replies.ts";
import type { ChildRequest } from "../child/requests.ts";
import { ChildLost } from "./child-lost.ts";

/** Both from src (tests) and from dist the child runs as built JavaScript. */
export const childProgram = fileURLToPath(new URL("../../dist/child/main.js", import.meta.url));
const LOG_TAIL_CHARACTERS = 2_000;

interface Pending {
  readonly onProbe: (durationS: number) => void;
  readonly resolve: (reply: ChildReply) => void;
  readonly reject: (error: ChildLost) => void;
}

/**
 * One decoding process and its private pipe. Its life: starting -> ready -> (asked -> answered)* -> ended.
 * Whatever ends it (a signal, its own exit, kill(), nonsense on the pipe) rejects the request in hand with ChildLost.
 */
export class MediaChild {
  /** Settles when the child has said that it is up; rejects with ChildLost when it ends before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  lastBeatMs = Date.now();
  asked = 0;
  /** In clips, for recycling. */
  wear = 0;
  readonly #process: ChildProcess;
  readonly #pipe: Duplex;
  #pending: Pending | null = null;
  #end: ChildLost | null = null;
  #killedFor: ChildLost | null = null;
  #logTail = "";

  constructor(program: string, environment: Readonly<Record<string, string>>) {
    // Its own process group, so that a kill takes an ffmpeg that it started along, and Ctrl-C does not reach it first.
    this.#process = spawn(process.execPath, [program], {
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
      env: { MALLOC_ARENA_MAX: "2", ...environment },
      detached: true,
    });
    const [, out, err, pipe, beat] = this.#process.stdio;
    this.#pipe = pipe as Duplex;
    for (const log of [out, err]) (log as Readable).on("data", (chunk: Buffer) => this.#log(chunk));
    (beat as Readable).on("data", () => {
      this.lastBeatMs = Date.now();
    });
    (beat as Readable).on("error", () => {});
    const reader = new MessageReader((message) => this.#receive(message));
    this.#pipe.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    // Writing to a child that has just died: its exit tells the rest.
    this.#pipe.on("error", () => {});
    this.ready = this.#reply(() => {}).then(() => {});
    this.ready.catch(() => {});
    this.exited = new Promise((resolve) => {
      this.#process.once("error", (error) => resolve(this.#ended(`could not start: ${error.message}`)));
      this.#process.once("exit", () => this.#killGroup());
      this.#process.once("close", (code, signal) => resolve(this.#ended(describeExit(code, signal))));
    });
  }

  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  get isAlive(): boolean {
    return this.#end === null && this.#killedFor === null;
  }

  /** One request at a time; the pool sees to that. */
  async request(
    request: ChildRequest,
    parts: readonly Uint8Array[],
    onProbe: (durationS: number) => void = () => {},
  ): Promise<ChildReply> {
    if (this.#pending !== null) throw new Error("a media child takes one request at a time");
    const reply = this.#reply(onProbe);
    // One call to the kernel for all of it.
    this.#pipe.cork();
    for (const chunk of encodeMessage(request, parts)) this.#pipe.write(chunk);
    this.#pipe.uncork();
    return await reply;
  }

  /** Ends the child and its group at once; the request in hand is lost for this reason. */
  kill(reason: ChildLost): void {
    if (this.#end !== null) return;
    this.#killedFor ??= reason;
    this.#killGroup();
    this.#process.kill("SIGKILL");
    this.#settle(this.#killedFor);
  }

  #killGroup(): void {
    const { pid } = this.#process;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }

  #reply(onProbe: (durationS: number) => void): Promise<ChildReply> {
    return new Promise((resolve, reject) => {
      const end = this.#end ?? this.#killedFor;
      if (end === null) this.#pending = { onProbe, resolve, reject };
      else reject(end);
    });
  }

  #read(reader: MessageReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.kill(new ChildLost("decoder_crash", `the child's answer makes no sense: ${detail}`));
    }
  }

  #receive(message: Message): void {
    const reply = parseReply(message);
    if (reply.kind === "probe") {
      this.#pending?.onProbe(reply.durationS);
      return;
    }
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(reply);
  }

  #ended(how: string): void {
    const tail = this.#logTail.trim().replace(/\s+/g, " ").slice(-300);
    this.#end ??= new ChildLost("decoder_crash", tail === "" ? how : `${how}; it had said: ${tail}`);
    this.#settle(this.#killedFor ?? this.#end);
  }

  #settle(lost: ChildLost): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(lost);
  }

  #log(chunk: Buffer): void {
    this.#logTail = (this.#logTail + chunk.toString("utf8")).slice(-LOG_TAIL_CHARACTERS);
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `the child exited with code ${code}` : `the child was ended by ${signal}`;
}
