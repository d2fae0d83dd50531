import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { loadCatalogue } from "@shardmill/catalogue";
import { localRateGate, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { millShard, planBuild, preparePart } from "@shardmill/pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { openDataset } from "./fixtures/open-dataset.ts";
import { blob } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";

const subset = "ai2d";
const file = `${subset}/train-00000-of-00001-2ce340398c113b79.parquet`;
const groups = 5;
/** The least that DuckDB puts into a group. */
const rowsPerGroup = 2048;
const signal = new AbortController().signal;

let scratch: string;
let hub: HubStandIn;

/** Half a gigabyte of The Cauldron's shape: each picture is followed by bytes of its own, as a decoder allows. */
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-by-range-"));
  await mkdir(join(scratch, "repo", subset), { recursive: true });
  const [picture = Buffer.of()] = await makePictures(1);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET threads = 1");
  await connection.run(`COPY (
    SELECT [{'bytes': ${blob(picture)} || encode(repeat(md5(i::VARCHAR), 1600)), 'path': NULL::VARCHAR}] AS images,
      [{'user': 'Which?', 'assistant': 'Number ' || i || '.', 'source': 'test'}] AS texts
    FROM range(${groups * rowsPerGroup}) t(i)
  ) TO '${join(scratch, "repo", file)}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE ${rowsPerGroup})`);
  connection.closeSync();
  instance.closeSync();
  hub = await startHubStandIn({ repo: "HuggingFaceM4/the_cauldron", folder: join(scratch, "repo") });
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

it("two thousand rows of a 500 MB parquet cost their row group and the footer, and few requests", async () => {
  const { size } = await stat(join(scratch, "repo", file));
  expect(size).toBeGreaterThan(500_000_000);
  const out = join(scratch, "out");
  const catalogue = await loadCatalogue(new URL("../../config/datasets", import.meta.url).pathname);
  const surroundings = {
    outRoot: out,
    hubEndpoint: hub.endpoint,
    hubToken: null,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: "test/1",
  };
  await mkdir(out);
  await planBuild(
    {
      dataset: catalogue.get("the-cauldron"),
      sourceFolder: null,
      parts: [{ subset, from: null, to: null }],
      settings: [`samplesPerShard=${rowsPerGroup}`],
      rebuild: false,
      toolchain: readToolchain,
    },
    surroundings,
    signal,
  );
  const opened = await openDataset("the-cauldron", out, hub.endpoint);
  try {
    const part = { subset, part: 0 };
    hub.log.length = 0;
    const tasks = await preparePart(opened.context, part, { order: { kind: "missing" }, run: 1 }, signal);
    expect(tasks).toHaveLength(groups);
    const planned = costs();
    expect(planned.bytes).toBeLessThan(1_000_000);
    expect(planned.requests).toBeLessThanOrEqual(4);

    hub.log.length = 0;
    const [end] = await millShard(
      opened.context,
      { part, task: { kind: "range", range: 2 } },
      opened.tools,
      signal,
    );
    expect(end?.manifest).toMatchObject({
      samples: rowsPerGroup,
      first: 2 * rowsPerGroup,
      last: 3 * rowsPerGroup - 1,
    });
    expect(opened.decoded).toHaveLength(rowsPerGroup);
    const plan = await opened.context.records.readPlan(part);
    const range = plan?.ranges[2];
    const groupBytes = (range?.endByte ?? 0) - (range?.startByte ?? 0);
    expect(groupBytes).toBeGreaterThan(50_000_000);
    const milled = costs();
    // The footer is read again; nothing of the group twice, nothing of the others at all.
    expect(milled.bytes).toBe(groupBytes + planned.bytes);
    expect(milled.requests).toBeLessThanOrEqual(4);
  } finally {
    await opened.close();
  }
});

/** What the repository's file has cost, redirects included. */
function costs(): { requests: number; bytes: number } {
  const asked = hub.log.filter((request) => request.file === file);
  return { requests: asked.length, bytes: asked.reduce((sum, { bytesSent }) => sum + bytesSent, 0) };
}
