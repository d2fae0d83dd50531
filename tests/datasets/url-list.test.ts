import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { type LinksHouse, openLinksHouse } from "./fixtures/links-house.ts";

let house: LinksHouse;
beforeAll(async () => {
  house = await openLinksHouse();
});
afterAll(() => house.close());

describe("a URL list", () => {
  const out = () => join(house.scratch, "out");
  const folder = () => join(out(), "my-links");

  it("balances: what answers is packed, everything else has its code", async () => {
    const ended = await shardmill([...house.buildArgs("my-links", out()), "--parts", "0"], house.environment);
    expect(ended.code, ended.stderr).toBe(1);
    expect(await partsByLabel("my-links", out())).toMatchObject({
      p0000: {
        state: "done",
        members: 17,
        packed: 8,
        failed: 7,
        skipped: 2,
        byCode: {
          url_dead: 2,
          url_refused: 3,
          too_large: 1,
          empty_member: 1,
          not_media: 1,
          no_annotation: 1,
        },
        shards: { done: 4, total: 4 },
      },
    });
    expect(house.web.mostAtOnce()).toBeLessThanOrEqual(3);
    expect(house.web.asked).not.toContain("/fine/uncaptioned");
    expect(house.web.asked.filter((path) => path === "/busy/7")).toHaveLength(3);
    expect(house.web.asked.filter((path) => path === "/dead/8")).toHaveLength(1);
  });

  it("is known by its columns: probe drafts an entry that can be added", async () => {
    const asked = house.web.asked.length;
    const file = join(house.scratch, "source.yaml");
    const probed = await shardmill(["probe", house.source, "--file", file], house.environment);
    expect(probed.code, probed.stderr).toBe(0);
    expect(probed.stderr).toMatch(/contentUrl holds links/);
    const added = await shardmill(["datasets", "add", file], house.environment);
    expect(added.code, added.stderr).toBe(0);
    expect(house.web.asked.length).toBe(asked);
  });

  it("tells why a link is dead", async () => {
    const { failures } = await shardmillJson<{ failures: { code: string; members: { detail: string }[] }[] }>(
      ["failures", "my-links", "--out", out()],
      house.environment,
    );
    expect(JSON.stringify(failures)).toContain("/dead/8: answered 404");
    expect(JSON.stringify(failures)).toContain("/silent: no answer within 4000 ms");
  });

  it("names samples by the list's ids, and keeps the fields of the row", () => {
    const samples = samplesByKey(folder());
    expect(samples.get("links-p0000-000003")?.json).toMatchObject({
      caption: "Number 3, fine.",
      video_id: "v.3",
      member: "v.3",
      url: `${house.web.base}/fine/3`,
      page: "dir_1",
    });
    expect([...(samples.get("links-p0000-000006")?.fields.keys() ?? [])].sort()).toEqual(["jpg", "json"]);
  });
});
