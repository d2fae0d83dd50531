import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-no-worker-"));
let source = "";
beforeAll(async () => {
  const parts = [{ part: 72, members: membersOf(72, await makeClips(2), 2) }];
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const preload = `--import=${new URL("worker-cannot-start.mjs", import.meta.url).href}`;
const build = (out: string, end: string) =>
  shardmill(["build", "openvid-1m", "--parts", "72", "--source", source, "--out", out], {
    NODE_OPTIONS: preload,
    WORKER_END: end,
  });

describe("a worker that cannot start", () => {
  it.each([
    ["module", /Cannot find package 'a-decoder-that-is-not-installed'.* \(exit 1, 5 times in a row\)/],
    ["option", /unknown option '--no-such-option'.* \(exit 2, 5 times in a row\)/],
    ["system", /ENOENT: no such file or directory, rename .* \(exit 1, 5 times in a row\)/],
    ["killed", /it said nothing \(SIGKILL, 5 times in a row\)/],
  ])("(%s) tells its reason in the build, which ends after a few tries", async (end, reason) => {
    const out = join(scratch, end);
    const ended = await build(out, end);
    expect(ended.code, ended.stderr).toBe(3);
    const last = ended.stderr.trim().split("\n").at(-1) ?? "";
    expect(last).toMatch(/^shardmill: the worker does not start: /);
    expect(last).toMatch(reason);
    expect(last).toMatch(/its log: .*worker\.log \(worker_failed\): mend what its log says/);
    expect(ended.stderr.split("the worker was lost").length - 1).toBe(4);
    expect(existsSync(join(out, "openvid-1m/.shardmill/manifests"))).toBe(false);
    const [logs] = readdirSync(join(out, "openvid-1m/.shardmill/logs"));
    if (end !== "killed") expect(logs).toBe("worker.log");
    if (end === "module")
      expect(readFileSync(join(out, "openvid-1m/.shardmill/logs/worker.log"), "utf8")).toMatch(/Cannot find/);
  });
});
