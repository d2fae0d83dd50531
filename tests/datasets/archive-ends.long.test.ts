import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey, statusOf } from "../support/build-status.ts";
import { makeClips } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardHashes } from "../support/read-shards.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";
import { makePictures } from "./fixtures/pictures.ts";
import { tarOf } from "./fixtures/tar.ts";

/** Archives as people really leave them: joined, cut, padded, in pieces, under the wrong name, behind links. */
const rules = `parts:
  - { archive: tar, path: "t_{part}.tar" }
  - { archive: tar.gz, path: "g_{part}.tar.gz" }
  - { archive: zip, path: "z_{part}.zip", pieces: "z_{part}.zip.{piece}" }
annotations:
  kind: files
  files: [{ path: captions.csv, format: csv }]
  key: file
text: { adapter: caption, caption: text }
maxFailureShare: 1
`;

const entry = (name: string, source: string, rest: string): string => `name: ${name}
title: ${name}
keyPrefix: ${name}
sourceName: ${name}
license: CC-BY-4.0
source: ${source}
${rest}`;

const names = Array.from({ length: 4 }, (_, index) => `${"abcd"[index]}`);
const page = Buffer.from("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>");

let scratch: string;
let environment: Record<string, string>;
const builds: Record<string, Ended> = {};
const out = (): string => join(scratch, "out");
const source = (name: string): string => join(scratch, "source", name);

/** What is in each part, of pictures or of clips: two archives of two members each, put together in every way. */
async function archives(media: readonly Buffer[], extension: string): Promise<Map<string, Buffer>> {
  const file = (index: number) => ({
    name: `${names[index]}.${extension}`,
    bytes: media[index] ?? Buffer.of(),
  });
  const [first, second] = [await tarOf([file(0), file(1)]), await tarOf([file(2), file(3)])];
  const whole = await tarOf([0, 1, 2, 3].map(file));
  const [zipped, more] = [await zip([file(0), file(1)]), await zip([file(2), file(3)])];
  const pieces = Array.from({ length: 11 }, (_, at) => {
    const step = Math.ceil(zipped.length / 11);
    return [`z_23.zip.${at + 1}`, zipped.subarray(at * step, (at + 1) * step)] as const;
  });
  const rows = names.map((name) => `${name}.${extension},A picture of ${name}.`);
  return new Map([
    ["captions.csv", Buffer.from(`file,text\n${rows.join("\n")}\n`)],
    ["t_1.tar", Buffer.concat([first, second])],
    ["t_2.tar", whole.subarray(0, whole.length - 1024)],
    ["t_3.tar", whole.subarray(0, whole.length - 1024 - 600)],
    ["t_4.tar", gzipSync(whole)],
    ["t_5.tar", Buffer.concat([whole, page])],
    ["t_6.tar", page],
    ["t_7.tar", zipped],
    ["g_11.tar.gz", Buffer.concat([gzipSync(first), gzipSync(second)])],
    ["g_12.tar.gz", whole],
    ["g_13.tar.gz", gzipSync(whole).subarray(0, -20)],
    ["g_14.tar.gz", Buffer.concat([gzipSync(whole), page])],
    ["z_21.zip", Buffer.concat([zipped, more])],
    ["z_22.zip", Buffer.concat([page, zipped, page])],
    ...pieces,
    ["z_24.zip.001", zipped.subarray(0, 100)],
    ["z_24.zip.003", zipped.subarray(100)],
    ["z_25.zip", zipped.subarray(0, zipped.length - 100)],
  ]);
}

async function build(name: string, folder: string, more: Record<string, string> = {}): Promise<void> {
  const args = [
    "build",
    name,
    "--out",
    out(),
    "--workers",
    "1",
    ...(folder === "" ? [] : ["--source", folder]),
  ];
  builds[name] = await shardmill(args, { ...environment, ...more });
}

/** The same files as `snapshot_download` keeps them: links to blobs beside the snapshot. */
async function asSnapshot(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const cache = join(scratch, "hub/datasets--owner--name");
  const snapshot = join(cache, "snapshots/0123456789abcdef0123456789abcdef01234567");
  await mkdir(join(cache, "blobs"), { recursive: true });
  let number = 0;
  for (const [path, bytes] of files) {
    const blob = join(cache, "blobs", String(number++).padStart(40, "0"));
    await writeFile(blob, bytes);
    const link = join(snapshot, path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), blob), link);
  }
  await writeFile(join(scratch, "hub/elsewhere.tar"), "x");
  await symlink("../../../elsewhere.tar", join(snapshot, "t_99.tar"));
  return snapshot;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-ends-"));
  environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  const pictures = await archives(await makePictures(4), "png");
  await writeFiles(source("ends"), pictures);
  const clips = await makeClips(4);
  const indexed = new Map([...(await archives(clips, "mp4"))].filter(([path]) => /^(t_|cap)/.test(path)));
  await writeFiles(source("clips"), indexed);
  const catalogue = join(scratch, "config/shardmill/datasets");
  await mkdir(catalogue, { recursive: true });
  const folder = "{ kind: folder }";
  const images = `${rules}media: images\nrecipe: { samplesPerShard: 2 }\n`;
  const entries = {
    ends: entry("ends", folder, images),
    links: entry("links", folder, images),
    hub: entry("hub", "{ kind: hub, repo: owner/ends }", images),
    clips: entry("clips", folder, `${rules}media: video\nrecipe: { media: video }\n`),
    nothing: entry(
      "nothing",
      folder,
      images.replaceAll("t_{part}.tar", "x_{part}.tar").replace(/ {2}- .*[gz]_.*\n/g, ""),
    ),
  };
  for (const [name, yaml] of Object.entries(entries)) await writeFile(join(catalogue, `${name}.yaml`), yaml);
  const hub = await startHubStandIn({ repo: "owner/ends", folder: source("ends") });
  try {
    await Promise.all([
      build("ends", source("ends")),
      build("links", await asSnapshot(pictures)),
      build("hub", "", { HF_ENDPOINT: hub.endpoint }),
      build("clips", source("clips")),
      build("nothing", source("ends")),
    ]);
  } finally {
    await hub.close();
  }
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

interface Part {
  readonly told: string;
  readonly remarks: string[];
}

/** State, members by fate, and the remarks of every part. */
async function partsOf(dataset: string): Promise<Record<string, Part>> {
  const parts: Record<string, Part> = {};
  for (const part of Object.values(await partsByLabel(dataset, out()))) {
    const codes = Object.entries(part.byCode).map(([code, count]) => `${count} ${code}`);
    const told = [part.error?.code ?? part.state, `${part.packed} packed`, ...codes].join(", ");
    parts[part.label] = { told, remarks: (await remarksOf(dataset, part.label)).map(({ code }) => code) };
  }
  return parts;
}

async function remarksOf(dataset: string, label: string): Promise<{ code: string; detail: string }[]> {
  const path = join(out(), dataset, ".shardmill/plans", `${label}.json`);
  const text = await readFile(path, "utf8").catch(() => '{"remarks":[]}');
  return (JSON.parse(text) as { remarks: { code: string; detail: string }[] }).remarks;
}

const four = { told: "done, 4 packed", remarks: [] };
const tars = {
  p0001: four,
  p0002: { ...four, remarks: ["archive_truncated"] },
  p0003: { told: "done, 3 packed, 1 member_truncated", remarks: ["archive_truncated"] },
  p0004: four,
  p0005: { ...four, remarks: ["trailing_bytes"] },
  p0006: { told: "archive_malformed, 0 packed", remarks: [] },
  p0007: { told: "archive_malformed, 0 packed", remarks: [] },
};
const all = {
  ...tars,
  p0011: four,
  p0012: four,
  p0013: { told: "done, 3 packed, 1 member_truncated", remarks: ["archive_truncated"] },
  p0014: { ...four, remarks: ["trailing_bytes"] },
  p0021: four,
  p0022: { told: "done, 2 packed", remarks: ["trailing_bytes", "leading_bytes"] },
  p0023: { told: "done, 2 packed", remarks: [] },
  p0024: { told: "pieces_incomplete, 0 packed", remarks: [] },
  p0025: { told: "archive_truncated, 0 packed", remarks: [] },
};

describe("archives that are joined, cut, padded, in pieces or under the wrong name", () => {
  it("give every member that is there, and a word on the rest, from a folder and from the Hub alike", async () => {
    for (const dataset of ["ends", "hub"]) {
      expect(builds[dataset]?.code, builds[dataset]?.stderr).toBe(1);
      expect(await partsOf(dataset), dataset).toEqual(all);
    }
    const { json } = samplesByKey(join(out(), "ends")).get("ends-p0001-000003") ?? {};
    expect(json).toMatchObject({ caption: "A picture of d.", member: "d.png" });
  });

  it("give the same where the tar's members are read by their places", async () => {
    expect(builds.clips?.code, builds.clips?.stderr).toBe(1);
    expect(await partsOf("clips")).toEqual(tars);
  });

  it("say of a file that is no such archive what it is", async () => {
    const { p0006, p0007 } = await partsByLabel("ends", out());
    expect(p0006?.error?.detail).toContain("is no tar but an HTML page");
    expect(p0007?.error?.detail).toContain("is no tar but a zip archive");
  });

  it("pass verify, with books that balance", async () => {
    for (const dataset of ["ends", "hub", "clips", "links"])
      expect(await shardmillJson(["verify", join(out(), dataset)])).toMatchObject({ ok: true, problems: [] });
  });

  it("keep their remarks when a build is begun again after its last range, and the bytes too", async () => {
    const plans = join(out(), "ends/.shardmill/plans");
    const before = shardHashes(join(out(), "ends"));
    const told = await partsOf("ends");
    for (const name of readdirSync(plans).filter((file) => /^p00(05|14)\.json$/.test(file))) {
      const plan = JSON.parse(await readFile(join(plans, name), "utf8")) as Record<string, unknown>;
      expect(plan.remarks).toHaveLength(1);
      await writeFile(join(plans, name), JSON.stringify({ ...plan, members: null, remarks: [] }));
    }
    await rm(join(out(), "ends/.shardmill/manifests/ends-p0005-0000.json"));
    await build("ends", source("ends"));
    expect(await partsOf("ends")).toEqual(told);
    expect(shardHashes(join(out(), "ends"))).toEqual(before);
  });
});

describe("a folder of links", () => {
  it("that snapshot_download made gives the shards of the files themselves; another link out is told", async () => {
    expect(builds.links?.code, builds.links?.stderr).toBe(1);
    expect(await partsOf("links")).toEqual(all);
    const { remarks } = await statusOf("links", out());
    expect(remarks).toContain("1 link leads out of the folder and was not followed: t_99.tar");
    const pictures = (dataset: string) =>
      [...samplesByKey(join(out(), dataset))].map(([key, { fields }]) => [
        key.replace(dataset, ""),
        fields.get("jpg"),
      ]);
    expect(pictures("links")).toEqual(pictures("ends"));
  });
});

describe("a source without a part", () => {
  it("is no success, and one line says what is there", () => {
    expect(builds.nothing?.code).toBe(3);
    expect(builds.nothing?.stderr).toMatch(
      /folder:ends has no part of nothing \(x_\{part\}\.tar\): it has captions\.csv, g_11\.tar\.gz/,
    );
  });
});
