import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  datasetInfo,
  downloadFile,
  fileDownloadInfo,
  fileExists,
  HubApiError,
  listFiles,
  pathsInfo,
} from "@huggingface/hub";
import { afterEach, describe, expect, it } from "vitest";
import {
  grantedToken,
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
  ungrantedToken,
} from "./index.ts";

let hub: HubStandIn;
afterEach(() => hub.close());

const repo = { type: "dataset", name: "stand-in/dataset" } as const;
const large = randomBytes(300_000);
const files = { "README.md": "# Data\n", "data/part0.zip": large, "data/a b#1.csv": "a,b\n1,2\n" };

async function start(options: StandInOptions = { files }) {
  hub = await startHubStandIn(options);
  return { repo, hubUrl: hub.endpoint };
}

async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("the Hub's own client against the stand-in", () => {
  it("lists every file over several pages, with sizes and the sha256 of large ones", async () => {
    const params = await start({ files, pageLimit: 2 });
    const entries = await gather(listFiles({ ...params, recursive: true }));
    const found = entries.filter(({ type }) => type === "file").map(({ path, size }) => [path, size]);
    expect(found).toEqual([
      ["README.md", 7],
      ["data/a b#1.csv", 8],
      ["data/part0.zip", 300_000],
    ]);
    expect(entries.find(({ path }) => path === "data/part0.zip")?.lfs?.oid).toBe(sha256(large));
    expect(hub.log).toHaveLength(2);
  });

  it("lists one folder without its subfolders' files", async () => {
    const params = await start();
    const entries = await gather(listFiles(params));
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      ["README.md", "file"],
      ["data", "directory"],
    ]);
  });

  it("tells the commit of a branch, and that another revision does not exist", async () => {
    await start();
    const asked = { name: repo.name, hubUrl: hub.endpoint, additionalFields: ["sha" as const] };
    expect((await datasetInfo({ ...asked, revision: "main" })).sha).toBe(hub.commit);
    await expect(datasetInfo({ ...asked, revision: "gone" })).rejects.toMatchObject({ statusCode: 404 });
  });

  it("tells of paths that exist and is silent about others", async () => {
    const params = await start();
    const infos = await pathsInfo({ ...params, paths: ["data/part0.zip", "no.zip"] });
    expect(infos.map(({ path, size }) => [path, size])).toEqual([["data/part0.zip", 300_000]]);
    expect(await fileExists({ ...params, path: "README.md" })).toBe(true);
    expect(await fileExists({ ...params, path: "no.zip" })).toBe(false);
  });

  it("downloads a large file by way of the CDN and a small one from the hub, whole and by range", async () => {
    const params = await start();
    const zip = await downloadFile({ ...params, path: "data/part0.zip", xet: false });
    expect(Buffer.from(await zip!.arrayBuffer()).equals(large)).toBe(true);
    const slice = await zip!.slice(1000, 1010).arrayBuffer();
    expect(Buffer.from(slice).equals(large.subarray(1000, 1010))).toBe(true);
    const readme = await downloadFile({ ...params, path: "README.md", xet: false });
    expect(await readme!.text()).toBe("# Data\n");
    expect(await downloadFile({ ...params, path: "no.zip", xet: false })).toBeNull();
  });

  it("gives the CDN an ETag of 64 hex digits that is not the sha256", async () => {
    const params = await start();
    const info = await fileDownloadInfo({ ...params, path: "data/part0.zip" });
    expect(info!.etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(info!.etag).not.toContain(sha256(large));
  });

  it("refuses a gated repository: 401 without or with a wrong token, 403 without a grant", async () => {
    const params = await start({ files, gated: true });
    const status = async (accessToken?: string) => {
      const credentials = accessToken === undefined ? {} : { accessToken };
      const asked = downloadFile({ ...params, ...credentials, path: "data/part0.zip", xet: false });
      return asked.then(
        (blob) => blob!.size,
        (error: unknown) => (error instanceof HubApiError ? error.statusCode : error),
      );
    };
    expect(await status()).toBe(401);
    expect(await status("hf_wrong")).toBe(401);
    expect(await status(ungrantedToken)).toBe(403);
    expect(await status(grantedToken)).toBe(300_000);
    expect(await gather(listFiles({ ...params, recursive: true }))).toHaveLength(4);
  });
});

describe("the stand-in itself", () => {
  it("refuses a signed address after its end, and all of them when told to", async () => {
    await start({ files, addressLifetimeMs: 60_000 });
    const resolve = `${hub.endpoint}/datasets/${repo.name}/resolve/main/data/part0.zip`;
    const address = (await fetch(resolve, { redirect: "manual" })).headers.get("location")!;
    expect((await fetch(address)).status).toBe(200);
    expect((await fetch(address.replace(/Expires=\d+/, "Expires=1"))).status).toBe(403);
    hub.expireAddresses();
    expect((await fetch(address)).status).toBe(403);
  });

  it("serves ranges of a sparse file of 50 GB from disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stand-in-"));
    const size = 50 * 1024 ** 3;
    const handle = await open(join(folder, "huge.zip"), "w");
    await handle.truncate(size);
    await handle.write(Buffer.from("the end"), 0, 7, size - 7);
    await handle.close();
    await start({ folder });
    const answer = await fetch(`${hub.plainBase}huge.zip`, {
      headers: { range: `bytes=${size - 7}-${size - 1}` },
    });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(`bytes ${size - 7}-${size - 1}/${size}`);
    expect(await answer.text()).toBe("the end");
    await rm(folder, { recursive: true });
  });

  it("gives the same faults for the same seed, and none without one", async () => {
    const kindsOf = async (options: StandInOptions) => {
      await start(options);
      for (let count = 0; count < 40; count += 1) {
        const controller = new AbortController();
        await fetch(`${hub.plainBase}data/part0.zip`, {
          headers: { range: "bytes=0-9" },
          signal: controller.signal,
        }).catch(() => null);
        controller.abort();
      }
      const kinds = hub.log.map(({ fault }) => fault);
      await hub.close();
      return kinds;
    };
    const faults = { seed: 7, probability: 0.3 };
    const first = await kindsOf({ files, faults });
    expect(await kindsOf({ files, faults })).toEqual(first);
    expect(first.filter((kind) => kind !== null).length).toBeGreaterThan(5);
    expect((await kindsOf({ files })).every((kind) => kind === null)).toBe(true);
  });

  it("holds a rate over all its connections", async () => {
    await start({ files: { "a.bin": large }, bytesPerSecond: 1_000_000 });
    const startedAt = performance.now();
    await Promise.all([1, 2].map(async () => (await fetch(`${hub.plainBase}a.bin`)).arrayBuffer()));
    expect(performance.now() - startedAt).toBeGreaterThan(550);
  });
});
