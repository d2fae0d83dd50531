import { describe, expect, it } from "vitest";
import { aDataset } from "../testing/records.ts";
import { sourceNameOf, sourceSubsetOf, subsetNameOf, writtenCatalogueFields } from "./dataset.ts";
import { defaultRecipe, recipeHash } from "./recipe.ts";

describe("the catalogue's names of subsets", () => {
  const named = { subsetNames: { "图(一)": "first", "caf\u00e9": "cafe" } };

  it("stand for the source's, in whichever of Unicode's spellings it comes", () => {
    expect(subsetNameOf(named, "图(一)")).toBe("first");
    expect(subsetNameOf(named, "cafe\u0301")).toBe("cafe");
    expect(subsetNameOf(named, "caf\u00e9")).toBe("cafe");
  });

  it("are the source's own where the catalogue has none, in one spelling", () => {
    expect(subsetNameOf(named, "AI2D")).toBe("AI2D");
    expect(subsetNameOf({ subsetNames: {} }, "u\u0308")).toBe("\u00fc");
  });

  it("lead back to the source's", () => {
    for (const source of ["图(一)", "caf\u00e9", "AI2D"])
      expect(sourceSubsetOf(named, subsetNameOf(named, source))).toBe(source);
  });
});

it("a sample's source is the catalogue's word, with the subset's where it asks for it", () => {
  const dataset = aDataset({ sourceName: "vista-{subset}" });
  expect(sourceNameOf(dataset, "AI2D (gpt4v)")).toBe("vista-ai2d-gpt4v");
  expect(sourceNameOf(dataset, null)).toBe("vista-");
  expect(sourceNameOf(aDataset({ sourceName: "toy" }), "AI2D")).toBe("toy");
});

describe("the catalogue's fields that are written into samples", () => {
  const hash = (over: Parameters<typeof aDataset>[0]) =>
    recipeHash(defaultRecipe, writtenCatalogueFields(aDataset(over)));

  it.each([
    { name: "other" },
    { keyPrefix: "other" },
    { sourceName: "other" },
    { license: "MIT" },
    { text: { adapter: "caption", caption: "text" } },
    { fields: { author: { from: "author", type: "string" } } },
    { media: "images" },
  ] as const)("change the recipe's hash: %o", (over) => {
    expect(hash(over)).not.toBe(hash({}));
  });

  it.each([
    { title: "Other" },
    { description: "other" },
    { homepage: "https://example.org" },
    { parts: [{ archive: "tar", path: "other{part}.tar" }] },
    { maxFailureShare: 0.9 },
    { fetch: { perHost: 9 } },
    { expected: { parts: 7 } },
    { presets: { some: ["a"] } },
  ] as const)("are no others: %o changes no shard", (over) => {
    expect(hash(over as Parameters<typeof aDataset>[0])).toBe(hash({}));
  });
});

it.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])(
  "%s is no address that a page may lead to",
  (url) => {
    expect(() => aDataset({ homepage: url })).toThrow();
    expect(() => aDataset({ terms: { url } })).toThrow();
  },
);
