import { describe, expect, it } from "vitest";
import { askApi, base } from "../testing/ask-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import { buildDetailSchema, buildsSchema, requestAnswerSchema } from "./contract/index.ts";

const open = askApi();
const { post, get } = open;

describe("asking for an output under a name of its own", () => {
  const raw = { dataset: "openvid-1m", parts: "0" };

  it("makes it beside the dataset's own, to be seen and steered under its name", async () => {
    const asked = { ...raw, as: "openvid-small", settings: ["size=128"] };
    const dry = requestAnswerSchema.parse(await post("/api/builds", { ...asked, dryRun: true }, 200));
    expect(dry).toMatchObject({ state: "dry_run", dataset: "openvid-small", build: null });
    expect(buildsSchema.parse(await get("/api/builds")).builds).toEqual([]);
    await post("/api/builds", raw);
    const answer = requestAnswerSchema.parse(await post("/api/builds", asked));
    expect(answer).toMatchObject({ state: "queued", dataset: "openvid-small" });
    const { builds } = buildsSchema.parse(await get("/api/builds"));
    expect(builds.map(({ dataset }) => dataset).sort()).toEqual(["openvid-1m", "openvid-small"]);
    const detail = buildDetailSchema.parse(await get("/api/builds/openvid-small"));
    expect(detail.recipe.size).toBe(128);
    expect(detail.entry).toBe("openvid-1m");
    expect(buildDetailSchema.parse(await get(base)).recipe.size).toBe(224);
    await post("/api/builds/openvid-small/cancel", undefined, 200);
  });

  it("is refused under another dataset's name, another dataset's output, or a name that is no folder's", async () => {
    expect(JSON.stringify(await post("/api/builds", { ...raw, as: "smoltalk" }, 400))).toContain(
      "another dataset",
    );
    for (const as of ["../x", "A", "", "x".repeat(41)]) await post("/api/builds", { ...raw, as }, 400);
    // Of a dataset that this catalogue does not have.
    const dataset = { ...(await catalogueDataset("openvid-1m")), name: "taken" };
    await writeOutput({ root: open.place.root, dataset, parts: [], samplesPerShard: 10 });
    await post("/api/builds", { ...raw, as: "taken" }, 400);
    expect(
      (await open.api.app.inject({ url: "/api/builds/taken", headers: { host: "127.0.0.1" } })).statusCode,
    ).toBe(404);
  });
});
