import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { asOutput } from "@shardmill/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../../testing/write-output.ts";
import type { BuiltApi } from "../build-api.ts";

let place: TestPlace;
let api: BuiltApi;

/** An output under its own name, of an entry as its record says. */
async function outputOf(name: string, entry: string | null): Promise<void> {
  const { records, build } = await writeOutput({
    root: place.root,
    dataset: asOutput(await catalogueDataset("openvid-1m"), name),
    samplesPerShard: 10,
    parts: [{ part: 0, kind: "done", members: 10, frames: 1 }],
  });
  await records.writeBuild({ ...build, entry });
}

const get = async (url: string) =>
  api.app.inject({ method: "GET", url, headers: { host: "127.0.0.1:8686" } });

beforeAll(async () => {
  place = await openTestPlace();
  await outputOf("openvid-tokens", "openvid-1m");
  api = await place.open();
});
afterAll(() => place.close());

it("of datasets of the catalogue are seen under their own names, also those that come later, and nothing else is", async () => {
  await outputOf("openvid-later", "openvid-1m");
  await outputOf("of-nobody", null);
  await outputOf("of-another-catalogue", "somebody-elses");
  await mkdir(join(place.root, "lost-found"));
  const { builds } = (await get("/api/builds")).json() as { builds: { dataset: string }[] };
  expect(builds.map(({ dataset }) => dataset)).toEqual(["openvid-later", "openvid-tokens"]);
  for (const name of ["of-nobody", "of-another-catalogue", "lost-found", "not-there"])
    expect((await get(`/api/builds/${name}`)).statusCode).toBe(404);
  expect((await get("/api/builds/openvid-later")).json()).toMatchObject({ dataset: "openvid-later" });
});
