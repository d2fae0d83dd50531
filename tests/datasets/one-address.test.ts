import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { shardmill } from "../support/shardmill.ts";
import { makePictures } from "./fixtures/pictures.ts";
import { type SmallWeb, startSmallWeb } from "./fixtures/small-web.ts";

const entry = `name: my-links
title: Pictures by their addresses
keyPrefix: links
sourceName: my-links
license: unknown
source: { kind: folder }
parts: [{ archive: urls, path: "list_{part}.csv" }]
media: images
annotations: { kind: links, format: csv, url: url, id: id }
text: { adapter: caption, caption: name }
recipe: { samplesPerShard: 6 }
maxFailureShare: 1
`;

let scratch: string;
let web: SmallWeb;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-one-address-"));
  web = await startSmallWeb();
  const [picture] = await makePictures(1);
  web.on("fine", (response) => void response.end(picture));
  await mkdir(join(scratch, "source"));
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  await writeFile(join(scratch, "config/shardmill/datasets/my-links.yaml"), entry);
  const rows = ["/fine/1", "/dead/1", "/fine/1", "/fine/2", "/dead/1", "/fine/1"];
  const table = rows.map((path, at) => `${at},${web.base}${path},Row ${at}.`);
  await writeFile(join(scratch, "source/list_0.csv"), `id,url,name\n${table.join("\n")}\n`);
});
afterAll(async () => {
  await web.close();
  await rm(scratch, { recursive: true, force: true });
});

it("rows of a shard with one address are samples of their own, and it is asked once", async () => {
  const out = join(scratch, "out");
  const ended = await shardmill(["build", "my-links", "--source", join(scratch, "source"), "--out", out], {
    XDG_CONFIG_HOME: join(scratch, "config"),
    SHARDMILL_ALLOW_PRIVATE_URLS: "1",
  });
  expect(ended.code, ended.stderr + ended.stdout).toBe(1);
  expect([...web.asked].sort()).toEqual(["/dead/1", "/fine/1", "/fine/2"]);
  const samples = [...samplesByKey(join(out, "my-links")).values()];
  expect(samples.map(({ json }) => json.caption)).toEqual(["Row 0.", "Row 2.", "Row 3.", "Row 5."]);
  const pictures = samples.map(({ fields }) => Buffer.from(fields.get("jpg") ?? []).toString("base64"));
  expect(new Set(pictures).size).toBe(1);
  expect(pictures[0]?.length).toBeGreaterThan(100);
  expect((await partsByLabel("my-links", out)).p0000).toMatchObject({
    packed: 4,
    failed: 2,
    byCode: { url_dead: 2 },
  });
});
