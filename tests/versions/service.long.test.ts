import { afterEach, beforeEach, expect, it } from "vitest";
import { RealService } from "../dashboard/real-service.ts";
import { OldOutput } from "./old-output.ts";

/** The service over an output of 0.1. */
let old: OldOutput;
let service: RealService;

beforeEach(async () => {
  old = await OldOutput.open();
  service = await RealService.start(old.scratch, { environment: old.environment });
});
afterEach(async () => {
  await service.stop("SIGTERM");
  await old.close();
});

async function ask(path: string, body?: unknown): Promise<{ status: number; told: unknown }> {
  const asking = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(`${service.url}${path}`, body === undefined ? {} : asking);
  return { status: answer.status, told: await answer.json() };
}

it("is shown by the service, down to a sample, and refused to requests with the reason", async () => {
  expect(await ask("/api/builds/old")).toMatchObject({
    status: 200,
    told: { dataset: "old", totals: { members: 7, packed: 5, unmatched: 0 } },
  });
  const listed = await ask("/api/builds/old/shards/old-p0001-r01/samples");
  expect(listed.told).toMatchObject({
    samples: [{ key: "old-p0001-000001", caption: "A box moves in e.", frames: 2 }],
  });
  const sample = await ask("/api/builds/old/samples/old-p0001-r01/old-p0001-000001");
  expect(sample).toMatchObject({ status: 200 });
  expect(JSON.stringify(sample.told)).toContain("A box moves in e.");
  const refusal = {
    status: 409,
    told: { code: "recipe_changed", message: expect.stringContaining("made by Shardmill 0.1.0") },
  };
  const retry = { selection: { kind: "missing" } };
  expect(await ask("/api/builds/old/retry", retry)).toMatchObject(refusal);
  expect(await ask("/api/builds/old/retry", { ...retry, dryRun: true })).toMatchObject(refusal);
});
