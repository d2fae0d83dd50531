import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

/** A real terminal of a given size with one command in it. */
export class TmuxScreen {
  readonly #socket = `shardmill-test-${process.pid}-${Math.random().toString(36).slice(2)}`;

  constructor(options: {
    readonly args: readonly string[];
    readonly columns: number;
    readonly rows: number;
    readonly environment?: Readonly<Record<string, string>>;
  }) {
    const set = {
      HF_ENDPOINT: "http://127.0.0.1:9",
      XDG_CONFIG_HOME: "/nonexistent",
      ...options.environment,
    };
    const environment = Object.entries(set).map(([name, value]) => `${name}=${value}`);
    const words = [
      "env",
      "-u",
      "REDIS_URL",
      "-u",
      "NO_COLOR",
      // A build in CI draws nothing over, and these screens are looked at in CI, too.
      "-u",
      "CI",
      ...environment,
      process.execPath,
      main,
      ...options.args,
    ];
    // Ctrl-C reaches the shell, too; it must live on to tell how the command ended.
    const command = `trap : INT; ${words.map(quoted).join(" ")}; echo "ENDED WITH $?"; read -r _`;
    const size = ["-x", String(options.columns), "-y", String(options.rows)];
    // The shell is named: what a developer has set as a login shell is no part of the test.
    this.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "/bin/sh", "-c", command);
  }

  /** The lines that are seen now. */
  lines(options: { readonly withColours?: boolean } = {}): string[] {
    const flags = options.withColours === true ? ["-e"] : [];
    return this.#tmux("capture-pane", "-p", "-S", "-200", ...flags)
      .split("\n")
      .filter((line) => line.trim() !== "");
  }

  /** Looks until the screen shows it; fails with the screen. */
  async shows(expected: RegExp, withinMs = 45_000): Promise<string[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const lines = this.lines();
      if (expected.test(lines.join("\n"))) return lines;
      if (performance.now() > deadline) throw new Error(`never showed ${expected}:\n${lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  close(): void {
    spawnSync("tmux", ["-L", this.#socket, "kill-server"]);
  }

  #tmux(...args: string[]): string {
    return execFileSync("tmux", ["-L", this.#socket, ...args], { encoding: "utf8" });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
