import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { partDetailSchema } from "./contract/index.ts";

let place: TestPlace;
let api: BuiltApi;

beforeAll(async () => {
  place = await openTestPlace();
  const dataset = await catalogueDataset("openvid-1m");
  await writeOutput({
    root: place.root,
    dataset,
    samplesPerShard: 10,
    parts: [{ part: 3, kind: "missing" }],
  });
  api = await place.open();
});
afterAll(() => place.close());

it("a part's log is what is kept of it and what is heard since, each line once", async () => {
  const line = (label: string, attempt: number) => ({
    ...{ at: "2026-01-01T00:00:00.000Z", kind: "retrying" as const, step: "mill" as const, label },
    ...{ range: "0000", worker: "w", attempt },
  });
  const told = (label: string, attempt: number) =>
    place.queue.publish({
      ...line(label, attempt),
      ...{ build: "b", dataset: "openvid-1m", detail: { code: "output_io", message: "EIO" } },
    });
  const text = "failed and will be tried again: EIO (output_io)";
  const logs = join(place.root, "openvid-1m/.shardmill/logs");
  await mkdir(logs);
  await writeFile(
    join(logs, "p0003.jsonl"),
    `${JSON.stringify({ ...line("p0003", 1), code: "output_io", text })}\n`,
  );
  const attempts = async (): Promise<(number | null)[]> => {
    const url = "/api/builds/openvid-1m/parts/p0003";
    const answer = await api.app.inject({ url, headers: { host: "127.0.0.1" } });
    return partDetailSchema.parse(answer.json()).log.map(({ attempt }) => attempt);
  };
  expect(await attempts()).toEqual([1]);
  await told("p0003", 1);
  await told("p0005", 7);
  await told("p0003", 2);
  await expect.poll(attempts).toEqual([1, 2]);
});
