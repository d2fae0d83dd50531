import { spawn } from "node:child_process";

interface CommandRun {
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly input: string;
  readonly withinMs: number;
}

/** Runs a command of the user's in a shell, and ends it with all that it started when it takes too long; null: it went well. */
export function runCommand(
  { command, environment, input, withinMs }: CommandRun,
  signal: AbortSignal,
): Promise<string | null> {
  return new Promise((done) => {
    if (signal.aborted) return done("stopped");
    // A group of its own, so that what it started ends with it. What it prints would spoil our screen.
    const child = spawn("sh", ["-c", command], {
      detached: true,
      env: environment,
      stdio: ["pipe", "ignore", "ignore"],
    });
    let why: string | null = null;
    const end = (reason: string): void => {
      why ??= reason;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end(`not done within ${withinMs / 1000} s`), withinMs);
    const onAbort = (): void => end("stopped");
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (found: string | null): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      done(why ?? found);
    };
    child.on("error", (error) => settle(error.message));
    child.on("exit", (code, killedBy) => settle(code === 0 ? null : `exit ${code ?? killedBy}`));
    // A command that does not read is none the worse for it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has gone already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
