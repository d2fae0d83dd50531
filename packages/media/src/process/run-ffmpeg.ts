import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { openPrivateFile } from "./private-file.ts";

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
 * One ffmpeg process: its standard output as bytes, its log line by line once it has ended. A refusal of the data (an exit
 * code) is `isOk: false`; a process that was ended by a signal throws, since that says nothing about the clip.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<{ output: Buffer; isOk: boolean }> {
  run.signal.throwIfAborted();
  // Not a pipe: ffmpeg writes its log in pieces of some bytes, and to wake the reader for each costs more than to write them.
  await using log = await openPrivateFile(Buffer.alloc(0));
  const child = spawn(run.ffmpegPath, argumentsOf(run), {
    stdio: ["ignore", "pipe", log.handle.fd],
    windowsHide: true,
  });
  const kill = (): void => void child.kill("SIGKILL");
  run.signal.addEventListener("abort", kill, { once: true });
  try {
    const [output, isOk] = await Promise.all([
      written(child.stdout as Readable, run),
      ended(child, run.signal),
    ]);
    // The position is told: that of the file is where ffmpeg has stopped.
    for await (const line of log.handle.readLines({ start: 0, autoClose: false })) run.onLogLine(line);
    return { output, isOk };
  } finally {
    run.signal.removeEventListener("abort", kill);
    if (child.exitCode === null && child.signalCode === null) kill();
  }
}

function argumentsOf({ inputPath, inputOptions, outputOptions }: FfmpegRun): string[] {
  const always = ["-nostdin", "-hide_banner", "-protocol_whitelist", "file"];
  return [...always, ...inputOptions, "-i", inputPath, ...outputOptions, "pipe:1"];
}

async function written(stdout: Readable, { sieve }: FfmpegRun): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    if (sieve === undefined) chunks.push(chunk);
    else sieve.write(chunk);
  }
  return Buffer.concat(chunks);
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<boolean> {
  const [code, by] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (signal.aborted) throw signal.reason;
  if (by !== null) throw new Error(`ffmpeg did not end by itself: ${by}`);
  return code === 0;
}
