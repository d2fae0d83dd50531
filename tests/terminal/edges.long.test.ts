import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-edges-"));
/** Blanks, quotes and signs that a shell has meanings for. */
const place = join(scratch, `it's a "$HOME"; place`);
const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));
const escapeSign = String.fromCharCode(27);
/** Moves the cursor, sets the title, hides, turns the direction of writing; in both ways of writing a CSI. */
const hostile = `${escapeSign}[2J${escapeSign}]0;owned\u0007\u009b31m\u202egpj.\u2028`;
const control = new RegExp(`[${escapeSign}\\u0007\\u0080-\\u009f\\u202a-\\u202e\\u2028\\u2029]`);

const entry = `name: odd
title: "Odd \\e[2J clips"
keyPrefix: odd
sourceName: odd
license: "CC \\e]0;owned\\a"
source: { kind: folder }
parts: [{ archive: zip, path: "clips_{part}.zip" }]
media: video
annotations:
  kind: files
  files: [{ path: captions.jsonl, format: jsonl }]
  key: file
text: { adapter: caption, caption: text }
maxFailureShare: 1
recipe: { samplesPerShard: 3, media: video }
`;

const environment = { XDG_CONFIG_HOME: join(scratch, "config"), PATH: `${scratch}/bin:${process.env.PATH}` };
const out = join(place, "out");
const source = join(place, "source");
const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  shardmill(args, { ...environment, ...more });
let built = "";

beforeAll(async () => {
  const clips = await makeClips(3);
  mkdirSync(source, { recursive: true });
  mkdirSync(join(scratch, "config/shardmill/datasets"), { recursive: true });
  writeFileSync(join(scratch, "config/shardmill/datasets/odd.yaml"), entry);
  mkdirSync(join(scratch, "bin"));
  writeFileSync(join(scratch, "bin/shardmill"), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(join(scratch, "bin/shardmill"), 0o755);
  const members = [
    ...clips.map((bytes, at) => ({ name: `clip_${at}.mp4`, bytes })),
    { name: `noise${hostile}.mp4`, bytes: Buffer.from("no video") },
    { name: `lost${hostile}.mp4`, bytes: clips[0] ?? Buffer.of() },
    ...Array.from({ length: 900 }, (_, at) => ({ name: `much_${at}.mp4`, bytes: clips[0] ?? Buffer.of() })),
  ];
  writeFileSync(join(source, "clips_1.zip"), await zip(members));
  const captioned = members.slice(0, 4).map(({ name }) => ({ file: name, text: `A clip. ${hostile}` }));
  writeFileSync(
    join(source, "captions.jsonl"),
    captioned.map((caption) => `${JSON.stringify(caption)}\n`).join(""),
  );
  const ended = await run(["build", "odd", "--source", source, "--out", out]);
  // What has such a name is left out before it is tried.
  expect(ended.code, ended.stderr).toBe(0);
  built = ended.stdout + ended.stderr;
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("what comes from the data", () => {
  const shard = join(out, "odd/odd-p0001-0000.tar");
  it.each([
    ["plan", ["plan", "odd", "--source", source]],
    ["plan --exact", ["plan", "odd", "--source", source, "--exact"]],
    ["status", ["status", "odd", "--out", out]],
    ["failures", ["failures", "odd", "--out", out]],
    ["failures --json", ["failures", "odd", "--out", out, "--json"]],
    ["inspect", ["inspect", shard]],
    ["inspect of a sample", ["inspect", shard, "odd-p0001-000000"]],
    ["inspect of a sample as JSON", ["inspect", shard, "odd-p0001-000000", "--json"]],
    ["inspect of what is not there", ["inspect", shard, hostile]],
    ["datasets", ["datasets"]],
    ["datasets of one", ["datasets", "odd"]],
    ["datasets --json", ["datasets", "odd", "--json"]],
    ["export", ["export", "ledger", "odd", "--out", out]],
    ["probe", ["probe", source]],
    ["verify", ["verify", join(out, "odd")]],
    ["a word that is none", [hostile]],
    ["an option that is none", ["build", "odd", `--${hostile}`]],
    ["a folder that is not there", ["status", "odd", "--out", `/nowhere${hostile}`]],
  ])("is printed by %s without a control character", async (_, args) => {
    const { stdout, stderr } = await run(args);
    expect((stdout + stderr).length).toBeGreaterThan(20);
    expect((stdout + stderr).match(control)).toBeNull();
  });

  it("is whole where a program reads it", async () => {
    const { stdout } = await run(["inspect", shard, "odd-p0001-000000", "--json"]);
    const { metadata } = JSON.parse(stdout) as { metadata: { caption: string } };
    expect(metadata.caption).toBe(`A clip. ${hostile}`);
  });

  it("was printed by the build itself in the same way", () => {
    expect(built.match(control)).toBeNull();
  });
});

describe("a printed command", () => {
  it("means, typed into a shell, what it meant: in a folder with blanks, quotes and signs", () => {
    const commands = [...built.matchAll(/^(?:check it|look|rerun): +(shardmill .*)$/gm)].map(
      ([, one]) => one ?? "",
    );
    expect(commands.map((command) => command.split(" ")[1])).toEqual(["verify", "failures"]);
    for (const command of commands) {
      const typed = spawnSync("sh", ["-c", command], {
        encoding: "utf8",
        env: { ...environment, HOME: scratch },
        cwd: tmpdir(),
      });
      expect([0, 1], `${command}: ${typed.stderr}`).toContain(typed.status);
      expect(typed.stderr).toBe("");
    }
  });

  it("that begins a build says it as well", async () => {
    const { stderr } = await run(["status", "odd", "--out", join(place, "none")]);
    const command = /begin one with: (shardmill .*)$/m.exec(stderr)?.[1] ?? "";
    const words = execFileSync("sh", ["-c", command.replace("shardmill", "printf '%s\\n'")], {
      encoding: "utf8",
    });
    expect(words.trim().split("\n")).toEqual(["build", "odd", "--out", join(place, "none")]);
  });
});

describe("an output that is closed or full", () => {
  const inShell = (script: string, args: readonly string[]) =>
    spawnSync("bash", ["--norc", "-c", script, "bash", process.execPath, main, ...args], {
      encoding: "utf8",
      env: environment,
    });

  it("ends in silence when nobody reads on, as other commands do", () => {
    const ended = inShell('"$@" | head -1; echo "ended with $PIPESTATUS"', ["failures", "odd", "--out", out]);
    expect(ended.stderr).toBe("");
    // Whether it has written all before the pipe is closed is a matter of speed.
    expect(ended.stdout).toMatch(/^code .*\nended with (0|141)\n$/);
    expect(inShell('"$@" >&-', ["datasets"])).toMatchObject({ status: 0, stderr: "" });
    expect(inShell('"$@" 2>&-', ["status", "none", "--out", out])).toMatchObject({ status: 2, stdout: "" });
  });

  it.skipIf(!existsSync("/dev/full"))("ends with one line when there is no space", () => {
    for (const args of [
      ["failures", "odd", "--out", out],
      ["datasets", "--json"],
      ["export", "ledger", "odd", "--out", out],
    ]) {
      const ended = inShell('"$@" > /dev/full', args);
      expect(ended.stderr).toBe("shardmill: what was found cannot be written: ENOSPC\n");
      expect(ended.status).toBe(3);
    }
    const mute = inShell('"$@" 2> /dev/full', ["status", "none", "--out", out]);
    expect([mute.status, mute.stdout]).toEqual([2, ""]);
  });

  it("refuses a result that would take the place of a folder or a device", async () => {
    const shard = join(out, "odd/odd-p0001-0000.tar");
    // No device of this machine: if the refusal failed, whoever runs this as root would lose it.
    const device = join(scratch, "device");
    execFileSync("mkfifo", [device]);
    for (const args of [
      ["export", "ledger", "odd", "--out", out, "--file", scratch],
      ["export", "ledger", "odd", "--out", out, "--file", device],
      ["export", "ledger", "odd", "--out", out, "--format", "parquet", "--file", scratch],
      ["inspect", shard, "--sheet", device],
    ]) {
      const ended = await run(args);
      expect([ended.code, ended.stderr]).toEqual([
        2,
        expect.stringMatching(/^shardmill: .*; name a file\n$/),
      ]);
    }
    const nowhere = ["export", "ledger", "odd", "--out", out, "--file", join(scratch, "no/where/x")];
    for (const more of [[], ["--format", "parquet"]]) {
      const ended = await run([...nowhere, ...more]);
      expect([ended.code, ended.stderr.trim().split("\n").length]).toEqual([3, 1]);
      expect(ended.stderr).not.toMatch(/bug/);
    }
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.skipIf(!hasScript)("a terminal that obeys no sequences", () => {
  const inTerminal = (args: readonly string[], set: readonly string[]): string => {
    const words = ["env", "-u", "NO_COLOR", "-u", "CI", ...set, process.execPath, main, ...args];
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    return spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", env: environment }).stdout;
  };
  const commands: readonly (readonly string[])[] = [
    ["build", "odd", "--source", source, "--out", out],
    ["verify", join(out, "odd")],
    ["status", "odd", "--out", out],
    ["status", "odd", "--watch", "--out", out],
    ["failures", "odd", "--out", out],
    ["retry", "odd", "--out", out, "--parts", "1"],
  ];

  it.each([["TERM=dumb"], ["-uTERM"]])("(%s) gets plain lines from every screen", (term) => {
    for (const args of commands) {
      const shown = inTerminal(args, [term]);
      expect(shown.length, args.join(" ")).toBeGreaterThan(20);
      expect(shown, args.join(" ")).not.toContain(escapeSign);
    }
  });

  it("has colours where they are understood, and none by NO_COLOR", () => {
    const status = ["status", "odd", "--out", out];
    expect(inTerminal(status, ["TERM=xterm-256color"])).toContain(`${escapeSign}[1m`);
    expect(inTerminal(status, ["TERM=xterm-256color", "NO_COLOR=1"])).not.toContain(escapeSign);
    const verify = ["verify", join(out, "odd")];
    const cursor = new RegExp(`${escapeSign}\\[(\\?25|\\d*A|K|0J)`);
    expect(inTerminal(verify, ["TERM=xterm-256color"])).toMatch(cursor);
    expect(inTerminal(verify, ["TERM=xterm-256color", "CI=true"])).not.toMatch(cursor);
  });
});
