import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { composeRecipe, defaultRecipe, type Recipe, recipeHash, recipeSchema, rowsAsked } from "./recipe.ts";

function composed(settings: readonly string[], fromCatalogue: Record<string, unknown> = {}): Recipe {
  const result = composeRecipe(fromCatalogue, settings);
  if (result.kind === "invalid") throw new Error(result.problems.join("\n"));
  return result.recipe;
}

function problems(settings: readonly string[], fromCatalogue: Record<string, unknown> = {}): string[] {
  const result = composeRecipe(fromCatalogue, settings);
  return result.kind === "invalid" ? result.problems : [];
}

/** For every setting a value that is not its default. The type keeps the list whole. */
const others: {
  readonly [Key in keyof Required<Omit<Recipe, "limits" | "text" | "textPicture" | "only">>]: Recipe[Key];
} = {
  samplesPerShard: 500,
  fps: 2,
  maxFrames: 32,
  size: 448,
  fit: "contain",
  align: "start",
  overflow: "uniform",
  sampling: "keyframes",
  quality: 85,
  minFrameShare: 0.5,
  decoder: "process",
  records: "each",
  turns: "each",
  media: "frames",
  rows: "5-9",
  where: "duration >= 5",
  layout: "fixed-16",
};
const otherLimits: Recipe["limits"] = { maxBytes: 1_000_000, maxPixels: 1_000, maxDurationS: 60 };
const settings = [
  ...Object.entries(others).map(([key, value]) => `${key}=${value}`),
  ...Object.entries(otherLimits).map(([key, value]) => `limits.${key}=${value}`),
];

describe("a recipe is put together of", () => {
  it("defaults, where nothing is said", () => {
    expect(composed([])).toEqual(defaultRecipe);
    expect(defaultRecipe).toMatchObject({
      samplesPerShard: 1000,
      fps: 1,
      maxFrames: 64,
      size: 224,
      fit: "cover",
      align: "center",
      overflow: "truncate",
      sampling: "exact",
      quality: 90,
      minFrameShare: 0.9,
      decoder: "libav",
      records: "merge",
      turns: "together",
      media: "auto",
      limits: { maxBytes: 2 ** 31, maxPixels: 2 ** 27, maxDurationS: 4 * 60 * 60 },
    });
  });

  it("the catalogue's own values over the defaults, and the person's over both", () => {
    const fromCatalogue = { fps: 2, size: 336, limits: { maxDurationS: 100 } };
    expect(composed(["size=448", "limits.maxBytes=9"], fromCatalogue)).toEqual({
      ...defaultRecipe,
      fps: 2,
      size: 448,
      limits: { ...defaultRecipe.limits, maxDurationS: 100, maxBytes: 9 },
    });
    expect(fromCatalogue).toEqual({ fps: 2, size: 336, limits: { maxDurationS: 100 } });
  });

  it("a named recipe's values under the catalogue's, key by key", () => {
    const named = { fps: 3, text: { format: "tokens", prompt: "Describe this.", maxTokens: 512 } };
    const catalogue = { fps: 2, text: { prompt: "What is shown?" } };
    const made = composeRecipe(
      catalogue,
      ["text.maxTokens=64", "text.keepRaw=false", "text.system=null"],
      named,
    );
    expect(made.kind === "ok" && made.recipe).toEqual({
      ...defaultRecipe,
      fps: 2,
      text: {
        ...{ format: "tokens", tokenizer: "smollm2", system: null, prompt: "What is shown?", loss: "answer" },
        ...{ maxTokens: 64, overflow: "cut", keepRaw: false },
      },
    });
    expect([named.fps, catalogue.fps]).toEqual([3, 2]);
  });

  it("of settings for tokens nothing, where none are made", () => {
    expect(composed(["text.prompt=Look", "text.maxTokens=9"])).toEqual(defaultRecipe);
    expect(problems(["text.maxTokens=0"])).toEqual([expect.stringContaining("recipe.text.maxTokens: ")]);
    expect(problems(["text.format=ids"])).toEqual([expect.stringContaining("recipe.text.format: ")]);
  });

  it("the last of several values of one setting, with and without the word recipe in front", () => {
    expect(composed(["fps=2", "recipe.fps=3"])).toEqual({ ...defaultRecipe, fps: 3 });
    expect(composed(["recipe.limits.maxBytes=5"]).limits.maxBytes).toBe(5);
  });

  it("numbers as numbers and words as words", () => {
    expect(composed(["fps=0.5", "fit=stretch"])).toMatchObject({ fps: 0.5, fit: "stretch" });
    expect(problems(["fps="])).toEqual([expect.stringMatching(/^recipe\.fps: .*expected number/)]);
    expect(problems(["fit=1"])).toEqual([expect.stringMatching(/^recipe\.fit: /)]);
    expect(problems(["fps=Infinity"])).toHaveLength(1);
  });

  it("nothing that changes when a caller changes what it was given", () => {
    expect(Object.isFrozen(composed([]))).toBe(true);
    expect(Object.isFrozen(defaultRecipe)).toBe(true);
  });
});

describe("a recipe is refused, with every mistake by its name, for", () => {
  it.each([
    ["fsp=2", /^recipe\.fsp: no recipe has this setting$/],
    ["limits.maxByte=2", /^recipe\.limits\.maxByte: no recipe has/],
    ["constructor=1", /constructor/],
    ["__proto__=1", /__proto__/],
    ["__proto__.fps=2", /__proto__/],
    ["limits.__proto__.maxBytes=1", /^recipe\.limits\.__proto__: no recipe has/],
    ["fps.x=2", /^recipe\.fps: /],
  ])("a key that it does not know: %s", (setting, message) => {
    expect(problems([setting])).toEqual([expect.stringMatching(message)]);
    expect(Object.hasOwn(Object.prototype, "fps")).toBe(false);
  });

  it.each(["fps", "=2", ""])("what is no key and value: %j", (setting) => {
    expect(problems([setting])).toEqual([`--set ${setting}: expected key=value`]);
  });

  it.each([
    "samplesPerShard=0",
    "samplesPerShard=100001",
    "samplesPerShard=1.5",
    "fps=0",
    "fps=60.1",
    "maxFrames=0",
    "maxFrames=1000",
    "size=15",
    "size=2049",
    "quality=0",
    "quality=101",
    "minFrameShare=-0.1",
    "minFrameShare=1.1",
    "limits.maxBytes=0",
    "limits.maxPixels=0",
    "limits.maxDurationS=0",
    "fit=crop",
    "decoder=gpu",
    "textPicture=white",
    ...[
      "5",
      "5-",
      "-5",
      "5-4",
      "a-b",
      "0-1-2",
      "1,2",
      "0 - 9",
      "1.5-3",
      "0x1-0x9",
      `0-${"9".repeat(16)}`,
    ].map((rows) => `rows=${rows}`),
  ])("a value out of bounds: %s", (setting) => {
    const [key = ""] = setting.split("=");
    expect(problems([setting])).toEqual([expect.stringContaining(`recipe.${key}: `)]);
  });

  it("all of them at once, the catalogue's too", () => {
    expect(problems(["fps=0", "no", "quality=0"], { size: "large" })).toEqual([
      "--set no: expected key=value",
      expect.stringContaining("recipe.fps: "),
      expect.stringContaining("recipe.size: "),
      expect.stringContaining("recipe.quality: "),
    ]);
  });
});

describe("the hash of a recipe", () => {
  const hash = (recipe: Recipe) => recipeHash(recipe, { name: "toy", text: { adapter: "caption" } });

  it("is another one for each setting that is another, and never twice the same", () => {
    const hashes = settings.map((setting) => hash(composed([setting])));
    expect(hashes).not.toContain(hash(defaultRecipe));
    expect(new Set(hashes).size).toBe(settings.length);
  });

  it("does not know in which order settings were given or keys stand", () => {
    const all = hash(composed(settings));
    for (let seed = 1; seed <= 20; seed += 1) {
      const seeded = new Seeded(seed);
      const recipe = composed(seeded.shuffled(settings));
      const { limits, ...rest } = recipe;
      const turned = recipeSchema.parse({
        ...Object.fromEntries(seeded.shuffled(Object.entries(rest))),
        limits: Object.fromEntries(seeded.shuffled(Object.entries(limits))),
      });
      expect(hash(recipe), `seed ${seed}`).toBe(all);
      expect(hash(turned), `seed ${seed}`).toBe(all);
      const reordered = Object.fromEntries(seeded.shuffled(Object.entries(recipe))) as unknown as Recipe;
      expect(hash(reordered), `seed ${seed}`).toBe(all);
    }
  });

  it("says nothing of whether a default was named", () => {
    expect(hash(composed(["fps=1", "limits.maxBytes=2147483648"]))).toBe(hash(defaultRecipe));
  });

  it("knows a tokenizer by what it is, and not by its name", () => {
    const tokens = (...more: string[]) => composed(["text.format=tokens", ...more]);
    const one = { tokenizer: "a".repeat(64), template: "b".repeat(64) };
    const of = (recipe: Recipe, identity: typeof one) => recipeHash(recipe, {}, identity);
    const first = of(tokens(), one);
    expect(of(tokens("text.tokenizer=./mine"), one)).toBe(first);
    expect(of(tokens(), { ...one, template: "c".repeat(64) })).not.toBe(first);
    expect(of(tokens(), { ...one, tokenizer: "c".repeat(64) })).not.toBe(first);
    for (const other of [
      "system=S",
      "prompt=P",
      "loss=all",
      "maxTokens=9",
      "overflow=leave-out",
      "keepRaw=false",
    ])
      expect(of(tokens(`text.${other}`), one), other).not.toBe(first);
    expect(recipeHash(defaultRecipe, {}, one)).toBe(recipeHash(defaultRecipe, {}));
  });

  it("is another one where the catalogue writes other fields into samples", () => {
    const fields = { name: "toy", text: { adapter: "caption" } };
    const first = recipeHash(defaultRecipe, fields);
    expect(recipeHash(defaultRecipe, { text: fields.text, name: "toy" })).toBe(first);
    expect(recipeHash(defaultRecipe, { ...fields, license: "CC0-1.0" })).not.toBe(first);
    expect(recipeHash(defaultRecipe, { ...fields, text: { adapter: "conversations" } })).not.toBe(first);
  });

  it("is another one of a small build, however small", () => {
    const of = (...asked: string[]) => recipeHash(composed(asked), { name: "toy" });
    const hashes = [of(), of("only.samples=5"), of("only.samples=6"), of("only.share=0.5")];
    expect(new Set(hashes).size).toBe(4);
  });

  it("is what it was before there were rows and text pictures, where neither is asked for", () => {
    const fields = { name: "toy", text: { adapter: "caption" }, media: "images" };
    const tokenizer = { tokenizer: "a".repeat(64), template: "b".repeat(64) };
    // As 0.2 wrote them before it knew recipe.rows and recipe.textPicture: shards of that time stay valid.
    expect(recipeHash(defaultRecipe, fields)).toBe(
      "090a06c28b7730c1fee01b70dbd29c939c536cafd99724ccd67e3dd3299aa24a",
    );
    expect(recipeHash(composed(["fps=2", "turns=each", "limits.maxBytes=5"]), fields)).toBe(
      "8ed6affdf77b758faaad5ecfbd60879a44792f283bd46648ba5686cff7f9b9eb",
    );
    expect(recipeHash(composed(["text.format=tokens", "text.prompt=P"]), fields, tokenizer)).toBe(
      "12bba19025401813011d5c491d123e8718c514daf5556c6790df8632b883ef0b",
    );
  });

  it.each(["video", "images", "pair", "none"])(
    "with a text's picture differs only without media: %s",
    (media) => {
      const of = (...asked: string[]) => recipeHash(composed(asked), { name: "toy", media });
      expect(of("textPicture=none")).toBe(of());
      expect(of("textPicture=placeholder") === of()).toBe(media !== "none");
    },
  );
});

describe("rows that are asked for", () => {
  it.each([
    ["0-0", { first: 0, last: 0 }],
    ["7-7", { first: 7, last: 7 }],
    ["280000-419999", { first: 280_000, last: 419_999 }],
    ["9-10", { first: 9, last: 10 }],
    [`0-${"9".repeat(15)}`, { first: 0, last: 10 ** 15 - 1 }],
  ])("are both ends and all between: %s", (rows, span) => {
    expect(rowsAsked(composed([`rows=${rows}`]))).toEqual(span);
  });

  it("are all where nothing is said", () => {
    expect(rowsAsked(defaultRecipe)).toBeNull();
  });
});
