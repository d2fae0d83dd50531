import { spawn } from "node:child_process";

/** Runs a command to its end; its standard output. An exit code other than 0 throws with what it said. */
export async function runCommand(command: string, args: readonly string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${command}: ${Buffer.concat(said).toString().slice(-500)}`);
  return Buffer.concat(out);
}
