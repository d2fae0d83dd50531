import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killHard } from "../faults/processes.ts";
import { until } from "../faults/until.ts";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { shardHashes, tarsIn } from "../support/read-shards.ts";
import { shardmill, shardmillJson, startShardmill } from "../support/shardmill.ts";
import { type LinksHouse, openLinksHouse } from "./fixtures/links-house.ts";

let house: LinksHouse;
beforeAll(async () => {
  house = await openLinksHouse();
});
afterAll(() => house.close());

describe("a URL list, over time", () => {
  const out = () => join(house.scratch, "out");
  const folder = () => join(out(), "my-links");

  it("packs a dead link that has come alive into a supplement, and touches no shard", async () => {
    await shardmill([...house.buildArgs("my-links", out()), "--parts", "0"], house.environment);
    const before = shardHashes(folder());
    house.web.on("dead", (response) => void response.writeHead(302, { location: "/fine/8" }).end());
    house.web.asked.length = 0;
    const ended = await shardmill(
      ["retry", "my-links", "--failed-samples", "--out", out()],
      house.environment,
    );
    expect(ended.code, ended.stderr).toBe(1);
    const after = shardHashes(folder());
    expect(after).toMatchObject(before);
    expect(Object.keys(after).filter((tar) => before[tar] === undefined)).toEqual(["my-links-p0000-r01.tar"]);
    expect(samplesByKey(folder()).get("links-p0000-000008")?.json).toMatchObject({
      caption: "Dead, for now.",
    });
    expect([...new Set(house.web.asked)].sort()).toEqual(["/dead/8", "/fine/8", "/silent"]);
    expect(await partsByLabel("my-links", out())).toMatchObject({
      p0000: { state: "done", members: 17, packed: 9, failed: 6, byCode: { url_dead: 1 } },
    });
    expect(await shardmillJson(["verify", folder(), "--deep"])).toMatchObject({ ok: true, samples: 9 });
  });

  it("of clips in parquet is built by another YAML; a picture in the place of a clip is none", async () => {
    const ended = await shardmill(house.buildArgs("my-clip-links", out()), house.environment);
    expect(ended.code, ended.stderr).toBe(0);
    expect(await partsByLabel("my-clip-links", out())).toMatchObject({
      p0000: { state: "done", members: 4, packed: 3, byCode: { not_media: 1 } },
    });
    const sample = samplesByKey(join(out(), "my-clip-links")).get("clip-links-p0000-000003");
    expect(sample?.json).toMatchObject({
      user: "Which?",
      assistant: "Clip 3",
      video_id: expect.stringMatching(/^clips-.*-3$/),
    });
    expect(sample?.fields.has("000.jpg")).toBe(true);
  });

  it("reaches into no private network unless that is allowed", async () => {
    house.web.asked.length = 0;
    const root = join(house.scratch, "strict");
    const { SHARDMILL_ALLOW_PRIVATE_URLS: _, ...strict } = house.environment;
    const ended = await shardmill([...house.buildArgs("my-links", root), "--parts", "1"], strict);
    expect(ended.code, ended.stderr).toBe(1);
    expect(await partsByLabel("my-links", root)).toMatchObject({
      p0001: { state: "done", members: 12, packed: 0, byCode: { url_refused: 12 } },
    });
    expect(house.web.asked).toEqual([]);
    expect(tarsIn(join(root, "my-links"))).toEqual([]);
  });

  it("carries on after kill -9 without asking again for what is committed, or known to be dead", async () => {
    const root = join(house.scratch, "killed");
    const reference = join(house.scratch, "whole");
    const args = (place: string): string[] => [...house.buildArgs("my-patient-links", place), "--parts", "1"];
    // Two links of the second shard stay open until the build is dead, fewer than a host may have; another one of it is dead.
    const waiting: (() => void)[] = [];
    let isHeld = false;
    house.web.on("fine", (response, path) => {
      const number = Number(path.split("/")[2]);
      if (number === 26) return void response.writeHead(404).end();
      const send = (): void => void response.end(house.pictures[number % 10]);
      if (isHeld && (number === 27 || number === 28)) waiting.push(send);
      else send();
    });
    expect((await shardmill(args(reference), house.environment)).code).toBe(1);
    house.web.asked.length = 0;
    isHeld = true;
    const build = startShardmill(args(root), house.environment);
    const manifests = join(root, "my-patient-links/.shardmill/manifests");
    // Of the second shard, which is held: that of the first goes when it is committed.
    const links = join(root, "my-patient-links/.shardmill/links/my-patient-links-p0001-0001.jsonl");
    await until("a shard committed, and a link of the next one known to be dead", () => {
      const isDeadKnown = existsSync(links) && readFileSync(links, "utf8").includes("404");
      return isDeadKnown && existsSync(manifests) && readdirSync(manifests).length > 0;
    });
    killHard(build.child.pid ?? 0);
    await build.ended;
    isHeld = false;
    const asked = house.web.asked.length;
    const ended = await shardmill(args(root), house.environment);
    expect(ended.code, ended.stderr).toBe(1);
    const again = house.web.asked.slice(asked);
    expect(again.filter((path) => Number(path.split("/")[2]) < 25)).toEqual([]);
    expect(again.filter((path) => path.endsWith("/26"))).toEqual([]);
    expect(readdirSync(join(root, "my-patient-links/.shardmill/links"))).toEqual([]);
    const told = await shardmill(["failures", "my-patient-links", "--out", root], house.environment);
    expect(told.stdout).toContain("url_dead: 1 answered 404");
    expect(shardHashes(join(root, "my-patient-links"))).toEqual(
      shardHashes(join(reference, "my-patient-links")),
    );
    expect(waiting.length).toBeGreaterThan(0);
  });
});
