import { createHash } from "node:crypto";
import { localRateGate, systemClock } from "@shardmill/core";
import { type HubRepo, openHubRepo } from "@shardmill/sources";
import { afterEach, describe, expect, it } from "vitest";
import {
  grantedToken,
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
  ungrantedToken,
} from "../../../tests/hub-stand-in/index.ts";
import { type PushPlan, planPush } from "./plan-push.ts";
import { push } from "./push.ts";
import type { WantedFile } from "./wanted-file.ts";

const { signal } = new AbortController();
const target = { branch: "main", dataset: "toy", lists: ["README.md"], subsets: new Set<string>() };
const events = { onBytes: () => undefined, onFile: () => undefined, onCommit: () => undefined };

let hub: HubStandIn;
afterEach(() => hub.close());

async function open(options: StandInOptions = {}): Promise<void> {
  hub = await startHubStandIn({ repo: "me/toy", ...options });
}

function repoOf(token: string | null = grantedToken): HubRepo {
  const deps = {
    gate: localRateGate(systemClock),
    clock: systemClock,
    firstBackoffMs: 1,
    idleTimeoutMs: 2_000,
  };
  return openHubRepo({ repo: "me/toy", endpoint: hub.endpoint, token }, deps);
}

/** A file of its content; `is`: what lies there instead. */
function file(path: string, content: string, { is = content } = {}): WantedFile {
  const bytes = Buffer.from(content);
  return {
    path,
    isList: path === "README.md",
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    oid: path.endsWith(".tar")
      ? null
      : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
    async *open(start, end) {
      for (let at = start; at < end; at += 1_000)
        yield Buffer.from(is).subarray(at, Math.min(end, at + 1_000));
    },
  };
}

const tar = (number: number, length = 5_000) =>
  file(`toy-p0000-000${number}.tar`, `${number}`.repeat(length));
const files = [tar(0), tar(1), file("README.md", "# Toy\n")];

async function pushed(wanted: readonly WantedFile[] = files, { repo = repoOf(), branch = "main" } = {}) {
  const plan: PushPlan = await planPush(repo, wanted, { ...target, branch }, signal);
  return push(repo, plan, { ...events, isPrivate: false }, signal);
}

const tree = async (commit: string) => {
  const found: Record<string, string> = {};
  for await (const { path, sha256 } of repoOf().list(commit, signal)) found[path] = sha256 ?? "git";
  return found;
};

describe("a push", () => {
  it("makes repository and branch where there are none, and leaves the main branch", async () => {
    await open({ absent: true });
    const { commit, commits } = await pushed(files, { branch: "v2/b" });
    expect(commits).toBe(2);
    expect(await tree(commit ?? "")).toEqual({
      "README.md": "git",
      "toy-p0000-0000.tar": files[0]?.sha256,
      "toy-p0000-0001.tar": files[1]?.sha256,
    });
    expect(await tree(hub.commit)).toEqual({});
    expect((await pushed(files, { branch: "v2/b" })).commits).toBe(0);
  });

  it("sends in parts what is large, all else whole, and the token to nobody but the Hub", async () => {
    await open({ partBytes: 2_000 });
    await pushed([tar(0), tar(1, 2_000)]);
    const puts = hub.log.filter(({ method }) => method === "PUT");
    expect(puts.map(({ path, query }) => [path.slice(-64), query.includes("part=")]).toSorted()).toEqual(
      [...[1, 2, 3].map(() => [tar(0).sha256, true]), [tar(1, 2_000).sha256, false]].toSorted(),
    );
    expect(puts.every(({ server, hadAuthorization }) => server === "cdn" && !hadAuthorization)).toBe(true);
  });

  it("brings each object once whichever answers are lost, and asks anew for addresses that ran out", async () => {
    for (const failEvery of [2, 3, 4, 5, 7]) {
      await open({ failEvery, partBytes: 2_000 });
      await pushed([tar(0), tar(1, 1_500), tar(2), file("README.md", "# Toy\n")]);
      expect([...hub.written.taken.values()]).toEqual([1, 1, 1]);
      expect(hub.written.commits.map(({ written }) => written.length)).toEqual([3, 1]);
      await hub.close();
    }
    await open();
    let isFirst = true;
    const late = { ...tar(3) };
    const expiring: WantedFile = {
      ...late,
      open(start, end, own) {
        if (end === late.sizeBytes && isFirst) {
          hub.expireAddresses();
          isFirst = false;
        }
        return late.open(start, end, own);
      },
    };
    await pushed([expiring]);
    expect(hub.written.taken.get(late.sha256)).toBe(1);
  });

  it("sends no byte of what the Hub has under another name", async () => {
    await open();
    await pushed([tar(0)]);
    const { sentBytes, commits } = await pushed([{ ...tar(0), path: "p0000-0/toy-p0000-0000.tar" }]);
    expect([sentBytes, commits]).toEqual([0, 2]);
    expect(hub.written.taken.get(tar(0).sha256)).toBe(1);
    expect(Object.keys(await tree(hub.commit))).toEqual(["p0000-0/toy-p0000-0000.tar"]);
  });
});

describe("what a push is refused", () => {
  it("says which: token, right, room, a name that is another's", async () => {
    await open();
    const failure = async (token: string | null) => pushed(files, { repo: repoOf(token) });
    await expect(failure("hf_wrong")).rejects.toMatchObject({
      code: "source_unauthorized",
      message: expect.stringContaining("token is not valid"),
    });
    await expect(failure(ungrantedToken)).rejects.toMatchObject({
      code: "push_refused",
      message: expect.stringMatching(/may not write it; the Hub says: no rights for Bearer \[token\]$/),
    });
    hub.written.roomBytes = 1_000;
    await expect(failure(grantedToken)).rejects.toMatchObject({
      code: "push_refused",
      message: expect.stringMatching(/no room is left for it; the Hub says: Storage limit reached$/),
    });
  });

  it("says that the branch has moved, and overwrites nothing", async () => {
    await open();
    hub.written.beforeCommit = () => void hub.commitFiles({ "theirs.txt": "theirs" });
    await expect(pushed()).rejects.toMatchObject({ code: "push_overtaken" });
    expect(hub.written.commits).toEqual([]);
    hub.written.beforeCommit = null;
    await pushed();
    expect(Object.keys(await tree(hub.commit))).toContain("theirs.txt");
    expect([...hub.written.taken.values()]).toEqual([1, 1]);
  });

  it("lets no tar through that is not what its manifest says, whole or in parts", async () => {
    for (const partBytes of [1_000_000, 2_000]) {
      await open({ partBytes });
      const rotten = file("toy-p0000-0000.tar", "a".repeat(5_000), { is: `b${"a".repeat(4_999)}` });
      await expect(pushed([rotten])).rejects.toMatchObject({ code: "shard_invalid" });
      expect([hub.written.objects.size, hub.written.commits.length]).toEqual([0, 0]);
      await hub.close();
    }
    await open();
  });
});
