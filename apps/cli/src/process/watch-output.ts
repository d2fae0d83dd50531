import type { StopSignals } from "./stop-signals.ts";

/** Nobody reads any more: the pipe's other end, or the terminal, is closed. */
const closed: ReadonlySet<string> = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/** 128 and the number of SIGPIPE: how a shell shows the end of any other command that nobody reads. */
const endedUnread = 141;
const couldNotRun = 3;

/**
 * What becomes of a command whose output cannot be written. One that only tells something ends: in silence where nobody
 * reads it (`shardmill failures ... | head`), else with one line. One that builds goes on without telling.
 */
export function watchOutput(process: NodeJS.Process, stop: Pick<StopSignals, "outlivesTerminal">): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (stop.outlivesTerminal) return;
    const code = error.code ?? error.name;
    if (closed.has(code)) process.exit(endedUnread);
    process.stderr.write(`shardmill: what was found cannot be written: ${code}\n`);
    process.exit(couldNotRun);
  });
  // Where not even this can be told, there is nothing to do about it.
  process.stderr.on("error", () => undefined);
}
