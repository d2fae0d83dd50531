import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { brief } from "../../testing/bucket.ts";
import { lackOfRadosgw, type Radosgw, startRadosgw } from "../../testing/radosgw.ts";
import { tempFolder } from "../../testing/temp-folder.ts";
import { storeContract } from "../store-contract.ts";
import { openBucketStore } from "./open-bucket-store.ts";
import { openS3 } from "./s3-client.ts";
import { tryBucket } from "./try-bucket.ts";

const lack = lackOfRadosgw();
if (lack !== null) console.warn(lack);

describe.skipIf(lack !== null)("a bucket of a real radosgw", () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let gateway: Radosgw;

  beforeAll(async () => {
    folder = await tempFolder();
    gateway = await startRadosgw(folder.path);
    console.warn(`tried on ${gateway.version}`);
    vi.stubEnv("S3_ENDPOINT_URL", gateway.endpoint);
    vi.stubEnv("AWS_ACCESS_KEY_ID", gateway.keys.id);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", gateway.keys.secret);
    const { client } = await openS3(brief);
    await client.send(new CreateBucketCommand({ Bucket: "real" }));
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await gateway[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("passes the trial, which leaves nothing there", async () => {
    expect(await tryBucket("s3://real/trial", { patience: brief })).toEqual({
      address: "s3://real/trial",
      lacking: null,
    });
    expect(await (await openBucketStore("s3://real/trial", { scratch: folder.path })).listAll("")).toEqual(
      [],
    );
  });

  it("takes a tar of 24 MB in one request, by its hash, and gives it back", async () => {
    const store = await openBucketStore("s3://real/large", {
      scratch: join(folder.path, "scratch"),
      patience: brief,
    });
    const temp = await store.createTemp("d/x.tar");
    const chunk = Buffer.alloc(1 << 20, 7);
    for (let at = 0; at < 24; at += 1) await temp.write(chunk);
    await temp.sync();
    expect(await temp.link("d/x.tar")).toBe("published");
    expect(await temp.link("d/x.tar")).toBe("published");
    expect(await store.putNew("d/x.tar", "other")).toBe("exists");
    let bytes = 0;
    for await (const part of store.chunks("d/x.tar", new AbortController().signal)) bytes += part.length;
    expect(bytes).toBe(24 << 20);
    await temp.remove();
  });

  for (const [at, { title, run }] of storeContract.entries()) {
    it(title, async () => {
      const settings = { scratch: join(folder.path, `scratch-${at}`), patience: brief };
      await run(await openBucketStore(`s3://real/contract/${at}`, settings));
    });
  }
});
