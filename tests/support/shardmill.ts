import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What has been printed on stderr so far. */
  stderr(): string;
}

/** The environment of every command: nothing of the developer's own Redis, Hub or token leaks in. */
function environmentOf(environment: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  const kept = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined),
  );
  return { ...kept, HF_ENDPOINT: "http://127.0.0.1:9", XDG_CONFIG_HOME: "/nonexistent", ...environment };
}

/** Starts the real command line, as a user would. */
export function startShardmill(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdin: "ignore" | "pipe" = "ignore",
): Running {
  const child = spawn(process.execPath, [main, ...args], {
    env: environmentOf(environment),
    stdio: [stdin, "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

export function shardmill(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startShardmill(args, environment).ended;
}

/** The JSON that a command printed, or an error that shows what it printed instead. */
export async function shardmillJson<T>(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const ended = await shardmill([...args, "--json"], environment);
  try {
    return JSON.parse(ended.stdout) as T;
  } catch {
    throw new Error(
      `${args.join(" ")} ended with ${ended.code ?? ended.signal}:\n${ended.stdout}\n${ended.stderr}`,
    );
  }
}
