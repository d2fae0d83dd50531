import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-links-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const environment = { NODE_OPTIONS: `--import=${new URL("without-links.mjs", import.meta.url).href}` };

describe("an output on a file system without hard links", () => {
  it("is named by the build at its start, and nothing is decoded", async () => {
    const parts = [{ part: 72, members: membersOf(72, await makeClips(2), 2) }];
    const source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
    const out = join(scratch, "out");
    const ended = await shardmill(
      ["build", "openvid-1m", "--parts", "72", "--source", source, "--out", out],
      environment,
    );
    expect(ended.code, ended.stderr).toBe(3);
    const said = ended.stderr.split("\n").filter((line) => line.startsWith("shardmill: "));
    expect(said).toEqual([
      expect.stringMatching(/takes no hard link \(EPERM\).*output_without_links.*choose an --out/),
    ]);
    expect(ended.stderr).not.toMatch(/queue:|planned|^ +at /m);
    expect(readdirSync(join(out, "openvid-1m"))).toEqual([".shardmill"]);
  });

  it("is named by doctor, with what to do", async () => {
    const { findings } = await shardmillJson<{ findings: { name: string; level: string; remedy: string }[] }>(
      ["doctor", "--out", scratch],
      environment,
    );
    expect(findings.find(({ name }) => name === "output")).toMatchObject({
      level: "fail",
      remedy: expect.stringMatching(/choose an --out/),
    });
  });
});
