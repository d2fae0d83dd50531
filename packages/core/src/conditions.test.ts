import { describe, expect, it } from "vitest";
import { aDataset } from "../testing/records.ts";
import { conditionsOf } from "./conditions.ts";

describe("conditions of a dataset", () => {
  it("are none where its terms allow everything, or nobody knows them", () => {
    expect(
      conditionsOf(aDataset({ terms: { commercial: "yes", redistribution: "yes", requires: ["x"] } })),
    ).toBeNull();
    expect(conditionsOf(aDataset())).toBeNull();
  });

  it("are what it forbids and what it asks for", () => {
    const terms = {
      commercial: "no" as const,
      redistribution: "yes" as const,
      requires: ["academic research only"],
    };
    expect(conditionsOf(aDataset({ license: "own", terms }))).toEqual({
      license: "own",
      lines: ["no commercial use", "academic research only"],
      url: null,
    });
  });

  it("are those of a subset, where only that has some", () => {
    const subsetTerms = {
      ai2d: { license: "CC-BY-NC-4.0", commercial: "no" as const, requires: ["name it"] },
    };
    expect(conditionsOf(aDataset({ subsetTerms }))?.lines).toEqual([
      "ai2d (CC-BY-NC-4.0): no commercial use; name it",
    ]);
  });
});
