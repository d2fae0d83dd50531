import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { outputFailure } from "@shardmill/store";
import type { Shell } from "./shells.ts";

/** Where a shell's script is put, and the line of its start file that reads it; none where the shell looks there by itself. */
interface Place {
  readonly script: string;
  readonly start: { readonly file: string; readonly line: string } | null;
}

/** Puts a script where its shell finds it: once, however often it is asked for. Returns the files that were written. */
export async function installScript(
  shell: Shell,
  text: string,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const { script, start } = placeOf(shell, environment);
  await write(script, `${text}\n`);
  if (start === null) return [script];
  const before = await readFile(start.file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw outputFailure(error, "reading", start.file);
  });
  if (before.split("\n").includes(start.line)) return [script];
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  // Appended: what else writes to it meanwhile is not lost.
  await write(start.file, `${gap}${start.line}\n`, "a");
  return [script, start.file];
}

function placeOf(shell: Shell, environment: NodeJS.ProcessEnv): Place {
  const home = environment.HOME || homedir();
  const config = environment.XDG_CONFIG_HOME || join(home, ".config");
  if (shell === "fish") return { script: join(config, "fish/completions/shardmill.fish"), start: null };
  const script = join(config, `shardmill/completion.${shell}`);
  const read = `[ -r ${quoted(script)} ] && source ${quoted(script)} # shardmill completion`;
  return shell === "bash"
    ? { script, start: { file: join(home, ".bashrc"), line: read } }
    : {
        script,
        start: {
          file: join(environment.ZDOTDIR || home, ".zshrc"),
          // Before its completion system is loaded, `compdef` is not there.
          line: `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }; ${read}`,
        },
      };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

async function write(file: string, text: string, flag: "w" | "a" = "w"): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag });
  } catch (error) {
    throw outputFailure(error, "writing", file);
  }
}
