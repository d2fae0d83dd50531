import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { recordVersion } from "@shardmill/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import { type BuildSummary, buildsSchema } from "./contract/index.ts";

let place: TestPlace;
beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("mlvu"),
    samplesPerShard: 10,
    asked: [0],
    parts: [{ part: 0, kind: "done", members: 5, frames: 3 }],
  });
});
afterAll(() => place.close());

it("tells how many questions of a benchmark have no media, as the build that ended last counted them", async () => {
  const totals = async (): Promise<BuildSummary["totals"] | undefined> => {
    const { app } = await place.open();
    const answer = await app.inject({ url: "/api/builds", headers: { host: "127.0.0.1" } });
    return buildsSchema.parse(answer.json()).builds[0]?.totals;
  };
  expect(await totals()).toMatchObject({ members: 5, notFetched: null });
  const path = join(place.root, "mlvu/.shardmill/unfetched.json");
  const media = [{ subset: null, media: "nobody.mp4", questions: 3 }];
  await writeFile(path, JSON.stringify({ version: recordVersion, questions: 3, media }));
  expect(await totals()).toMatchObject({ members: 5, notFetched: 3 });
  await rm(path);
  expect(await totals()).toMatchObject({ notFetched: null });
});
