import { type BuildRecord, defaultRecipe, recipeHash, writtenCatalogueFields } from "@shardmill/core";
import { expect, it } from "vitest";
import { aBuildRecord } from "../../../core/testing/records.ts";
import { refuseOtherForm } from "./refuse-other-form.ts";

function built(over: Partial<BuildRecord> = {}): BuildRecord {
  const recorded = aBuildRecord({ recipe: defaultRecipe });
  const hash = recipeHash(defaultRecipe, writtenCatalogueFields(recorded.dataset));
  return { ...recorded, recipeHash: hash, ...over };
}

it("an output whose recipe has the hash that this version gives it is built on", () => {
  expect(() => refuseOtherForm(built())).not.toThrow();
});

it("one with another hash for the same recipe is refused, with the version that made it", () => {
  const other = built({ recipeHash: "0".repeat(64) });
  expect(() => refuseOtherForm(other)).toThrow(
    expect.objectContaining({
      code: "recipe_changed",
      message: `this output was made by Shardmill ${other.toolchain.shardmill}, whose samples have another form`,
    }),
  );
});
