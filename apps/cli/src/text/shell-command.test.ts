import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { pathWord, shellCommand } from "./shell-command.ts";

const words = [
  ...[
    "plain",
    "--out=a/b",
    "",
    "two words",
    "it's",
    'a "quote"',
    "$HOME",
    "`id`",
    "a;b",
    "a&b",
    "a|b",
    "a>b",
  ],
  ...["*", "?", "[a]", "{a,b}", "~", "~root", "=ls", "#no", "!1", "\\", "日本語", "naïve", "(x)", "-dash"],
];

describe("a command that a person is told to type", () => {
  it.each(["sh", "bash"])("means in %s what was meant", (shell) => {
    const command = shellCommand("printf", "%s\\0", ...words);
    const heard = execFileSync(shell, ["-c", command], { encoding: "utf8" });
    expect(heard.split("\0").slice(0, -1)).toEqual(words);
  });

  it("holds no control character, and means it nevertheless", () => {
    const odd = ["a\nb", "\u001b[2J", "tab\t'and' \\", "\u009b"];
    const command = shellCommand("printf", "%s\\0", ...odd);
    expect(command).not.toMatch(/\p{Cc}/u);
    const heard = execFileSync("bash", ["-c", command], { encoding: "utf8" });
    expect(heard.split("\0").slice(0, -1)).toEqual(odd);
  });

  it("leaves simple words as they are, and keeps a path from being an option", () => {
    expect(shellCommand("shardmill", "verify", "/data/shards/openvid-1m")).toBe(
      "shardmill verify /data/shards/openvid-1m",
    );
    expect(pathWord("-x/y")).toBe("./-x/y");
    expect(pathWord("x/-y")).toBe("x/-y");
  });
});
