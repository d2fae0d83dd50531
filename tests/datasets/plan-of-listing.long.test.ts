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
  async (name, { files, parts, absent = 0 }) => {
    const repo = repoOf(name) ?? "";
    const hub = await startHubStandIn({ repo, listed: files });
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
      expect(asked.filter((path) => !path.startsWith(`/api/datasets/${repo}`))).toEqual([]);
      const folders = new Set(
        Object.keys(files).flatMap((path) =>
          path
            .split("/")
            .slice(0, -1)
            .map((_, at, all) => all.slice(0, at + 1).join("/")),
        ),
      );
      const pages = Math.ceil((Object.keys(files).length + folders.size) / 1000);
      expect(asked.filter((path) => path.includes("/tree/")).length).toBe(pages);
      expect(asked.length).toBe(pages + 1);
      expect(bytes).toBeGreaterThan(20e6);
      expect((bytes - atRest) / 1e6, "MB beyond what the command line itself needs").toBeLessThan(100);
    } finally {
      await hub.close();
    }
  },
);
