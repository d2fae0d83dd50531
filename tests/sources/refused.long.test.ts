import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grantedToken, type HubStandIn, startHubStandIn, ungrantedToken } from "../hub-stand-in/index.ts";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { filesWith } from "./source-house.ts";

/** What a source refuses, said in one line with its remedy; and what planning asks for. */
const repo = "nkp37/OpenVid-1M";
let scratch: string;
let files: Record<string, Buffer>;
let outs = 0;
const hubs: HubStandIn[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-refused-"));
  const clips = await makeClips(2);
  files = Object.fromEntries(await openvidFiles([{ part: 0, members: membersOf(0, clips, 2) }]));
});

afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.close()));
  await rm(scratch, { recursive: true, force: true });
});

async function hubWith(options: { gated?: boolean } = {}): Promise<HubStandIn> {
  const hub = await startHubStandIn({ repo, files, ...options });
  hubs.push(hub);
  return hub;
}

async function buildFrom(endpoint: string, token: string | null) {
  outs += 1;
  const out = join(scratch, `out-${outs}`);
  const ended = await shardmill(["build", "openvid-1m", "--parts", "0", "--out", out], {
    HF_ENDPOINT: endpoint,
    SHARDMILL_FIRST_BACKOFF_MS: "5",
    ...(token === null ? {} : { HF_TOKEN: token }),
  });
  return { ...ended, out };
}

const linesWith = (text: string, words: RegExp) => text.split("\n").filter((line) => words.test(line));

describe("a gated repository", () => {
  it.each([
    [
      "without a token",
      null,
      "source_gated",
      /no token is set; accept its terms at .*datasets\/nkp37\/OpenVid-1M/,
    ],
    ["with a token that is not valid", "hf_wrong_secret", "source_unauthorized", /token is not valid/],
    [
      "with a token whose account has no grant",
      ungrantedToken,
      "source_gated",
      /has no access to it yet; accept/,
    ],
  ])("%s: one line with the remedy, and the token is nowhere", async (_, token, code, words) => {
    const hub = await hubWith({ gated: true });
    const { code: exit, stdout, stderr, out } = await buildFrom(hub.endpoint, token);
    expect(exit, stderr).toBe(1);
    expect(stderr + stdout).toContain(code);
    expect(stderr + stdout).toMatch(words);
    // The page where its terms are accepted.
    expect(stderr + stdout).toMatch(/datasets\/nkp37\/OpenVid-1M/);
    expect(linesWith(stderr, /p0000 failed/), stderr).toHaveLength(1);
    expect(stderr + stdout).not.toMatch(/\bat .*\.js:\d+/);
    if (token !== null) {
      expect(stderr + stdout).not.toContain(token);
      expect(filesWith(out, token)).toEqual([]);
    }
    // The token goes to the hub alone.
    expect(hub.log.some(({ server, hadAuthorization }) => server === "cdn" && hadAuthorization)).toBe(false);
  });

  it("opens with a granted token, which is written nowhere", async () => {
    const hub = await hubWith({ gated: true });
    const { code, stdout, stderr, out } = await buildFrom(hub.endpoint, grantedToken);
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toContain(grantedToken);
    expect(filesWith(out, grantedToken)).toEqual([]);
    expect(hub.log.some(({ hadAuthorization }) => hadAuthorization)).toBe(true);
    expect(hub.log.some(({ server, hadAuthorization }) => server === "cdn" && hadAuthorization)).toBe(false);
  });
});

describe("one line with the remedy", () => {
  it.each<[string, (hub: HubStandIn) => void, RegExp]>([
    ["a revision that is gone", (hub) => hub.removeCommit(), /no revision main.*source_not_found/],
    [
      "a repository that is gone",
      (hub) => hub.removeRepo(),
      /private or does not exist.*source_unauthorized.*check HF_TOKEN/,
    ],
  ])("%s", async (_, spoil, words) => {
    const hub = await hubWith();
    spoil(hub);
    const { code, stderr, stdout } = await buildFrom(hub.endpoint, null);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toMatch(words);
    expect(
      stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("listing")).length,
    ).toBe(1);
  });

  it("a network that is down", async () => {
    const { code, stderr } = await buildFrom("http://127.0.0.1:9", null);
    expect(code).toBe(3);
    expect(stderr).toMatch(/could not be reached.*source_unreachable.*check the network/);
    expect(
      stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("listing")).length,
    ).toBe(1);
  });
});

describe("plan", () => {
  it("asks for the paged listing of 202 archive files once, and for nothing else", async () => {
    const archives = Array.from({ length: 202 }, (_, index) => {
      const part =
        index < 170 ? `${index}.zip` : `${170 + Math.floor((index - 170) / 2)}_parta${index % 2 ? "b" : "a"}`;
      return [`OpenVid_part${part}`, Buffer.from(`archive ${index}`)] as const;
    });
    const hub = await startHubStandIn({
      repo,
      files: { ...files, ...Object.fromEntries(archives) },
      pageLimit: 50,
    });
    hubs.push(hub);
    const plan = await shardmillJson<{ parts: { state: string }[] }>(["plan", "openvid-1m"], {
      HF_ENDPOINT: hub.endpoint,
    });
    expect(plan.parts.filter(({ state }) => state === "present").length).toBe(186);
    const asked = hub.log.map(
      ({ path, query }) => `${path.replace(/^\/api\/datasets\/nkp37\/OpenVid-1M\//, "")}?${query}`,
    );
    expect(asked.filter((address) => address.startsWith("revision/")).length).toBe(1);
    const pages = asked.filter((address) => address.startsWith("tree/"));
    expect(pages.length).toBe(Math.ceil(Object.keys(archives).length / 50));
    expect(new Set(pages).size).toBe(pages.length);
    expect(asked.length).toBe(pages.length + 1);
    expect(hub.bytesSent("cdn")).toBe(0);
  });
});
