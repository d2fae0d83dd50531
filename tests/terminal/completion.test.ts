import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shardmill } from "../support/shardmill.ts";

let script = "";

beforeAll(async () => {
  script = (await shardmill(["completion", "bash"])).stdout;
});

/** What a real bash would offer after these words. */
function offered(...words: string[]): string[] {
  const program = `
    ${script}
    compopt() { :; }
    COMP_WORDS=(shardmill ${words.map((word) => `'${word}'`).join(" ")})
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _shardmill
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["--norc", "-c", program], { encoding: "utf8" });
  return text
    .trim()
    .split("\n")
    .filter((line) => line !== "");
}

describe("completion in a real bash", () => {
  it("offers commands, options, datasets and choices", () => {
    expect(offered("re").sort()).toEqual(["recipes", "report", "resume", "retry"]);
    expect(offered("bui")).toEqual(["build"]);
    expect(offered("build", "openvid-1")).toEqual(["openvid-1m"]);
    expect(offered("build", "openvid-1m", "--par")).toEqual(["--parts"]);
    expect(offered("datasets", "a")).toEqual(["add"]);
    expect(offered("models", "g")).toEqual(["get"]);
    expect(offered("models", "d")).toEqual(["dinov2-small"]);
    expect(offered("models", "get", "dino")).toEqual(["dinov2-small"]);
    expect(offered("models", "get", "--max")).toEqual(["--max-bandwidth"]);
    expect(offered("export", "")).toEqual(["ledger"]);
    expect(offered("export", "ledger", "openvid-1m", "--format", "p")).toEqual(["parquet"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("verify", "/et")).toEqual(["/etc"]);
    expect(offered("build", "openvid-1m", "--out", "/us")).toEqual(["/usr"]);
    expect(offered("build", "openvid-1m", "--parts", "")).toEqual([]);
  });

  it.each(["zsh", "fish"])("is valid %s, where that shell is installed", async (shell) => {
    const { stdout } = await shardmill(["completion", shell]);
    expect(stdout).toContain("openvid-1m");
    if (spawnSync(shell, ["--version"]).status !== 0)
      return console.warn(`${shell} is not installed: its script is not tried`);
    // In a file: what a parent writes to is a socket, which fish does not read.
    const folder = mkdtempSync(join(tmpdir(), "shardmill-completion-"));
    try {
      writeFileSync(join(folder, shell), stdout);
      expect(spawnSync(shell, ["-n", join(folder, shell)], { encoding: "utf8" }).stderr).toBe("");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is installed by one line, once, and is there in a new bash", async () => {
    const home = mkdtempSync(join(tmpdir(), "shardmill it's home "));
    try {
      writeFileSync(join(home, ".bashrc"), "echo mine");
      const environment = { HOME: home, XDG_CONFIG_HOME: "", SHELL: "/usr/bin/bash" };
      for (const _ of [1, 2]) {
        const { stdout, stderr, code } = await shardmill(["completion", "--install"], environment);
        expect(code, stderr).toBe(0);
        expect(stdout).toContain(`written: ${home}/.config/shardmill/completion.bash`);
      }
      const lines = readFileSync(join(home, ".bashrc"), "utf8").trimEnd().split("\n");
      expect(lines).toEqual(["echo mine", expect.stringContaining("completion.bash")]);
      const said = execFileSync("bash", ["-i", "-c", "complete -p shardmill"], {
        env: { PATH: process.env.PATH, HOME: home },
        stdio: ["ignore", "pipe", "ignore"],
        encoding: "utf8",
      });
      expect(said).toContain("mine\ncomplete -F _shardmill shardmill");
      expect((await shardmill(["completion", "fish", "--install"], environment)).code).toBe(0);
      expect(readFileSync(join(home, ".config/fish/completions/shardmill.fish"), "utf8")).toContain(
        "openvid-1m",
      );
      const nobody = await shardmill(["completion", "--install"], { ...environment, SHELL: "/bin/csh" });
      expect(nobody.code).toBe(2);
      expect(nobody.stderr).toContain("name the shell: bash, zsh, fish");
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("names the nearest word for a slip", async () => {
    expect((await shardmill(["biuld", "openvid-1m"])).stderr).toMatch(/Did you mean build\?/);
    expect((await shardmill(["build", "openvid-1m", "--prats", "3"])).stderr).toMatch(
      /Did you mean --parts\?/,
    );
    expect((await shardmill(["status", "openvid-2m"])).stderr).toMatch(/no build of openvid-2m in out; /);
    expect((await shardmill(["plan", "openvid-2m"])).stderr).toMatch(/did you mean openvid-1m\?/);
  });
});
