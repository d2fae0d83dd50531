import { rm } from "node:fs/promises";
import { join } from "node:path";
import { downloadFile, listFiles } from "@huggingface/hub";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { grantedToken, ungrantedToken } from "../hub-stand-in/index.ts";
import { shardmill } from "../support/shardmill.ts";
import { PushHouse, repo, sha256 } from "./push-house.ts";

/** `shardmill push` as a user types it, against the Hub's stand-in. */
let house: PushHouse;
afterEach(() => house.close());

const lists = [
  ".nv-meta/.info.json",
  ".nv-meta/dataset-typed.yaml",
  ".nv-meta/dataset.yaml",
  ".nv-meta/interleaved_loader.py",
  ".nv-meta/split.yaml",
  "README.md",
  "build.json",
  "shardindex.json",
  "shardlist.txt",
];

async function listed(revision = "main") {
  const found = new Map<string, { size: number; sha256: string | null }>();
  const params = { repo: { type: "dataset", name: repo } as const, hubUrl: house.hub.endpoint };
  for await (const { type, path, size, lfs } of listFiles({ ...params, revision, recursive: true }))
    if (type === "file") found.set(path, { size, sha256: lfs?.oid ?? null });
  return found;
}

async function downloaded(path: string): Promise<Buffer> {
  const params = { repo: { type: "dataset", name: repo } as const, hubUrl: house.hub.endpoint };
  const blob = await downloadFile({ ...params, path });
  return Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}

describe("a push of three hundred files of which every twelfth request fails, and that is cut twice", () => {
  it("brings every file once, in commits of at most fifty, as the Hub's own client sees it", async () => {
    house = await PushHouse.open({ failEvery: 12, partBytes: 4_000 });
    await house.makeOutput(100);
    for (const commits of [1, 4]) {
      const running = house.start();
      await until("some commits", () => house.hub.written.commits.length >= commits);
      running.child.kill("SIGKILL");
      await running.ended;
    }
    const ended = await house.push();
    expect(ended.code, ended.stderr).toBe(0);
    expect(house.hub.failures).toBeGreaterThan(10);
    const { written } = house.hub;
    expect(Math.max(...written.commits.map((commit) => commit.written.length))).toBeLessThanOrEqual(50);
    expect([...written.taken.values()].filter((times) => times !== 1)).toEqual([]);
    const paths = written.commits.flatMap((commit) => commit.written);
    expect(new Set(paths).size).toBe(paths.length);
    house.hub.clearFaults();
    const tree = await listed();
    const tars = await house.tars();
    expect([...tree.keys()].filter((path) => !/\.(tar|idx)$/.test(path)).sort()).toEqual(lists);
    expect([...tree.keys()].filter((path) => path.endsWith("idx"))).toHaveLength(200);
    for (const [name, hash] of Object.entries(tars)) expect(tree.get(name)?.sha256).toBe(hash);
    expect(Object.keys(tars)).toHaveLength(100);
    const some = "toy-p0000-0042.tar";
    expect(sha256(await downloaded(some))).toBe(tars[some]);
    expect(
      house.hub.log.filter(({ server, hadAuthorization }) => server === "cdn" && hadAuthorization),
    ).toEqual([]);
  });
});

describe("a push", () => {
  it("tells in a dry run what it would do, does that, and the next time nothing", async () => {
    house = await PushHouse.open();
    await house.makeOutput(3);
    const asked = await house.push("--dry-run");
    expect(asked.code, asked.stderr).toBe(0);
    expect(asked.stdout).toMatch(/make +me\/toy, which is not there/);
    expect(house.hub.log.filter(({ method }) => method !== "GET")).toEqual([]);
    const told = asked.stdout.match(/(?<=^ {2}send .{12}).*$/gm)?.map((path) => path.trim());
    const first = await house.pushJson("--private");
    expect(first.makes).toEqual({ repository: true, branch: false });
    expect(told).toEqual(first.send.map(({ path }) => path));
    expect([...(await listed()).keys()].sort()).toEqual(told?.toSorted());
    expect(first.commits).toBe(2);
    const again = await house.push();
    expect(again.stdout).toMatch(/^nothing to send: 18 files are there as they are here$/m);
    expect(house.hub.written.commits).toHaveLength(2);
    const card = (await downloaded("README.md")).toString();
    expect(card).toContain("## Licence");
    expect((await downloaded("shardlist.txt")).toString().split("\n")[2]).toBe("toy-p0000-0002.tar");
    for (const { stdout, stderr } of [asked, again]) expect(stdout + stderr).not.toContain(grantedToken);
  });

  it("removes what the output has no more, says that history keeps it, and leaves what is somebody's own", async () => {
    house = await PushHouse.open();
    await house.makeOutput(3);
    await house.push();
    house.hub.commitFiles({ "notes/mine.tar": "mine", LICENSE: "mine" });
    const gone = "toy-p0000-0001";
    await rm(join(house.folder(), ".shardmill/manifests", `${gone}.json`));
    const ended = await house.push();
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/^removed +3 files .* earlier commits still hold them/m);
    expect(ended.stderr).toContain("notes/mine.tar");
    const tree = [...(await listed()).keys()];
    expect(tree.filter((path) => path.includes(gone))).toEqual([]);
    expect(tree).toEqual(expect.arrayContaining(["notes/mine.tar", "LICENSE", "toy-p0000-0002.tar"]));
    expect((await downloaded("shardlist.txt")).toString()).toBe("toy-p0000-0000.tar\ntoy-p0000-0002.tar\n");
  });
});

describe("what a push is refused", () => {
  const line = async (more: Readonly<Record<string, string>> = {}) => {
    const ended = await shardmill(["push", house.folder(), repo], house.environment(more));
    expect(ended.stderr).not.toMatch(/hf_(un)?granted/);
    return `${ended.code}: ${ended.stderr.trim()}`;
  };

  it("is told in one line, without the token", async () => {
    house = await PushHouse.open({ absent: false });
    await house.makeOutput(1);
    expect(await line({ HF_TOKEN: "" })).toMatch(/^2: shardmill: push needs a token.*set HF_TOKEN$/);
    expect(await line({ HF_TOKEN: ungrantedToken })).toMatch(
      /^3: stopped after commit 0 of 2.*\nshardmill: .*the token may not write it; the Hub says: no rights for Bearer \[token\] \(push_refused\).*$/,
    );
    const other = await house.push("--layout", "packed");
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("lie as frames, not as packed")]);
    const open = await house.push("--private");
    expect([open.code, open.stderr]).toEqual([2, expect.stringContaining("is there already and public")]);
  });

  it("is what the terms forbid, or nobody knows to allow, unless that is said in so many words", async () => {
    house = await PushHouse.open();
    await house.makeOutput(1, {
      terms: { terms: { commercial: "no", redistribution: "no", requires: [] } },
    });
    expect(await line()).toMatch(
      /^2: shardmill: the terms of toy \(.*\) forbid redistribution; --despite-terms/,
    );
    expect(house.hub.log).toEqual([]);
    const despite = await house.push("--despite-terms");
    expect([despite.code, despite.stderr]).toEqual([0, expect.stringContaining("pushed despite that")]);
    await house.makeOutput(1, { name: "unknown", terms: {} });
    const unknown = await shardmill(["push", house.folder("unknown"), repo], house.environment());
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("are not known to allow")]);
  });
});
