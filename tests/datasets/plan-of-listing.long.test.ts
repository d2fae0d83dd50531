import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { peakOf } from "../support/peak-memory.ts";
import { shardmillJson } from "../support/shardmill.ts";
import { repoOf } from "./fixtures/entry-case.ts";
import { upstreamListings } from "./fixtures/upstream-listings.ts";

interface Plan {
  readonly parts: readonly { readonly part: string; readonly state: string; readonly bytes: number }[];
}

let scratch: string;
/** What the command line needs to say what an entry is. */
let atRest: number;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-listings-"));
  atRest = (await peakOf(scratch, ["datasets", "openvid-1m", "--json"])).bytes;
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

it("has a listing of every entry whose upstream is a repository", async () => {
  const names = (await shardmillJson<{ name: string }[]>(["datasets"])).map(({ name }) => name);
  expect(Object.keys(upstreamListings).sort()).toEqual(names.filter((name) => repoOf(name) !== null).sort());
});

it.each(Object.entries(upstreamListings))(
  "plans %s from the listing alone, in little memory",
  async (name, { files, parts, absent = 0, beside }) => {
    const repo = repoOf(name) ?? "";
    const hub = await startHubStandIn({ repo, listed: files, ...(beside && { beside }) });
    try {
      const { ended, bytes } = await peakOf(scratch, ["plan", name, "--json"], { HF_ENDPOINT: hub.endpoint });
      expect(ended.code, ended.stderr).toBe(0);
      const plan = JSON.parse(ended.stdout) as Plan;
      const present = plan.parts.filter(({ state }) => state === "present");
      expect(present.length).toBe(parts);
      expect(plan.parts.length, "no other is absent of a whole repository").toBe(parts + absent);
      for (const { part, bytes: size } of present) expect(size, part).toBeGreaterThan(0);
      // The commit of the branch, and pages of a thousand entries, files and folders.
      const asked = hub.log.map(({ path }) => path);
      const repos = [{ repo, listed: files }, ...(beside === undefined ? [] : [beside])];
      for (const { repo: of, listed } of repos) {
        const own = asked.filter((path) => path.startsWith(`/api/datasets/${of}`));
        expect(own.filter((path) => path.includes("/tree/")).length).toBe(pagesOf(listed));
        expect(own.length).toBe(pagesOf(listed) + 1);
      }
      const all = repos.reduce((sum, { listed }) => sum + pagesOf(listed) + 1, 0);
      expect(asked.length, "nothing but the listings").toBe(all);
      expect(bytes).toBeGreaterThan(20e6);
      expect((bytes - atRest) / 1e6, "MB beyond what the command line itself needs").toBeLessThan(100);
    } finally {
      await hub.close();
    }
  },
);

function pagesOf(files: Readonly<Record<string, number>>): number {
  const folders = Object.keys(files).flatMap((path) => {
    const words = path.split("/").slice(0, -1);
    return words.map((_, at) => words.slice(0, at + 1).join("/"));
  });
  return Math.ceil((Object.keys(files).length + new Set(folders).size) / 1000);
}
