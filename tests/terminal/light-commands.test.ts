import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-light-"));
const out = join(scratch, "out");
const shard = join(out, "openvid-1m/openvid-1m-p0000-0000.tar");
const preload = fileURLToPath(new URL("native-libraries.cjs", import.meta.url));
let source = "";

beforeAll(async () => {
  const parts = [{ part: 0, members: membersOf(0, await makeClips(1), 2) }];
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
  const built = await shardmill(["build", "openvid-1m", "--parts", "0", "--source", source, "--out", out]);
  expect(built.code, built.stderr).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let commands = 0;

/** Names of the packages whose native libraries the command had loaded when it ended. */
async function nativeOf(args: readonly string[]): Promise<string[]> {
  commands += 1;
  const file = join(scratch, `libraries-${commands}`);
  const environment = { NODE_OPTIONS: `--require ${preload}`, NATIVE_LIBRARIES_FILE: file };
  const ended = await shardmill(args, environment);
  expect(ended.code, ended.stderr).toBe(0);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const paths = lines.flatMap((line) => JSON.parse(line) as string[]);
  const names = paths.flatMap((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

describe("a command that only looks", () => {
  it.each([
    ["--version", []],
    ["--help", []],
    ["datasets", []],
    ["models", []],
    ["status", ["openvid-1m", "--out", out]],
    ["failures", ["openvid-1m", "--out", out]],
    ["inspect", [shard]],
    ["verify", [join(out, "openvid-1m")]],
    ["export", ["ledger", "openvid-1m", "--out", out]],
    ["completion", ["bash"]],
  ] as const)("%s loads no native library", async (verb, args) => {
    expect(await nativeOf([verb, ...args])).toEqual([]);
  });

  it("plan loads none for a folder either", async () => {
    expect(await nativeOf(["plan", "openvid-1m", "--parts", "0", "--source", source])).toEqual([]);
  });

  it("loads libvips where pixels are asked for, which this would see", async () => {
    const sheet = join(scratch, "sheet.png");
    const names = await nativeOf(["inspect", shard, "--sheet", sheet]);
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^@img\/sharp-/)]));
    const deep = await nativeOf(["verify", join(out, "openvid-1m"), "--deep"]);
    expect(deep).toEqual(expect.arrayContaining([expect.stringMatching(/^@img\/sharp-/)]));
  });
});
