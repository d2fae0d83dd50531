import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import ffmpeg, { type FfmpegCommand } from "fluent-ffmpeg";

export interface FfmpegRun {
  readonly ffmpegPath: string;
  readonly inputPath: string;
  readonly inputOptions: readonly string[];
  readonly outputOptions: readonly string[];
  readonly signal: AbortSignal;
  readonly onLogLine: (line: string) => void;
  /** Takes what is written; the run's output is empty then. */
  readonly sieve?: { write(chunk: Buffer): void };
}

/**
 * One ffmpeg process through fluent-ffmpeg: its standard output as bytes. A refusal of the data (an exit code) is
 * `isOk: false`; a process that was ended by a signal throws, since that says nothing about the clip.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<{ output: Buffer; isOk: boolean }> {
  run.signal.throwIfAborted();
  const chunks: Buffer[] = [];
  const sink = new Writable({
    // fluent-ffmpeg takes the sink's "close" for a reader that has gone and kills ffmpeg 20 ms later.
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      if (run.sieve === undefined) chunks.push(chunk);
      else run.sieve.write(chunk);
      done();
    },
  });
  const command = ffmpeg({ stdoutLines: 1 })
    .setFfmpegPath(run.ffmpegPath)
    .input(run.inputPath)
    .inputOptions(...spread(["-nostdin", "-hide_banner", "-protocol_whitelist", "file", ...run.inputOptions]))
    .outputOptions(...spread(run.outputOptions))
    .output(sink)
    .on("stderr", run.onLogLine);
  // Its "end" can come before the sink has all bytes, so both are awaited.
  const flushed = once(sink, "finish");
  const isOk = await completed(command, run.signal);
  await flushed;
  return { output: Buffer.concat(chunks), isOk };
}

async function completed(command: FfmpegCommand, signal: AbortSignal): Promise<boolean> {
  const kill = (): void => {
    command.kill("SIGKILL");
  };
  try {
    return await new Promise<boolean>((resolve, reject) => {
      let child: ChildProcess | null = null;
      command.on("start", () => {
        child = childOf(command);
        signal.addEventListener("abort", kill, { once: true });
        if (signal.aborted) kill();
      });
      command.on("end", () => resolve(true));
      command.on("error", (error) => {
        if (signal.aborted) reject(signal.reason);
        else if (child === null || child.signalCode !== null)
          reject(new Error(`ffmpeg did not end by itself: ${error.message}`));
        else resolve(false);
      });
      command.run();
    });
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** fluent-ffmpeg tells a signal only in the text of an error; its process object, which the types leave out, has it. */
function childOf(command: FfmpegCommand): ChildProcess | null {
  return (command as unknown as { readonly ffmpegProc?: ChildProcess }).ffmpegProc ?? null;
}

/** Separate arguments are taken as they are; one array would be split at spaces. */
function spread(options: readonly string[]): string[] {
  return [...options];
}
