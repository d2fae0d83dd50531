import type { NamedRecipe } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { shellCommand } from "../text/shell-command.ts";
import { noteInvalid } from "./note-invalid.ts";

export async function showRecipes(
  { console, presets }: CommandContext,
  name: string | undefined,
  options: { readonly json?: true },
): Promise<void> {
  const all = await presets();
  if (name === undefined && options.json === true) return console.json(all.recipes());
  const recipe = name === undefined ? null : all.recipe(name);
  if (options.json === true && recipe !== null) return console.json(recipe);
  if (recipe === null) listRecipes(console, all.recipes());
  else showRecipe(console, recipe);
  noteInvalid(console, all.invalid);
}

function showRecipe(console: CommandContext["console"], recipe: NamedRecipe): void {
  console.out(console.paint("bold", `${recipe.title} (${recipe.name})`));
  for (const [key, value] of settingsOf(recipe.recipe))
    console.out(`  ${key.padEnd(18)} ${JSON.stringify(value)}`);
  console.out(`use it:   ${shellCommand("shardmill", "build", "DATASET", "--recipe", recipe.name)}`);
}

function listRecipes(console: CommandContext["console"], recipes: readonly NamedRecipe[]): void {
  const rows = recipes.map(({ name, title, recipe }) => {
    const settings = new Map(settingsOf(recipe));
    const of = (key: string): string => String(settings.get(`text.${key}`) ?? "");
    return [name, of("format"), of("tokenizer"), of("loss"), of("maxTokens"), title];
  });
  console.table(["recipe", "text", "tokenizer", "loss", "tokens", "title"], rows, [
    "left",
    "left",
    "left",
    "left",
    "right",
    "left",
  ]);
}

/** Every setting with its key, as `--set` takes them. */
function settingsOf(recipe: Readonly<Record<string, unknown>>, prefix = ""): [string, unknown][] {
  return Object.entries(recipe).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null
      ? settingsOf({ ...value }, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value]],
  );
}
