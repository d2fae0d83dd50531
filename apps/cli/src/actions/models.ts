import type { ModelEntry } from "@shardmill/core";
import type { CommandContext } from "../context/command-context.ts";
import { termsText } from "../screen/get-result.ts";
import { bytesText } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";
import { noteInvalid } from "./note-invalid.ts";

export async function showModels(
  { console, presets }: CommandContext,
  name: string | undefined,
  options: { readonly json?: true },
): Promise<void> {
  const all = await presets();
  const one = name === undefined ? null : all.model(name);
  if (options.json === true) return console.json(one ?? all.models());
  if (one === null) listModels(console, all.models());
  else showModel(console, one);
  noteInvalid(console, all.invalid);
}

function listModels(console: CommandContext["console"], models: readonly ModelEntry[]): void {
  const rows = models.map(({ name, bytes, license, terms, purpose, title }) => [
    name,
    `~${bytesText(bytes)}`,
    license,
    terms.commercial,
    purpose,
    title,
  ]);
  console.table(["model", "size", "licence", "commercial", "purpose", "title"], rows, [
    "left",
    "right",
    "left",
    "left",
    "left",
    "left",
  ]);
}

function showModel(console: CommandContext["console"], model: ModelEntry): void {
  console.out(console.paint("bold", `${model.title} (${model.name})`));
  if (model.description !== "") console.out(model.description.trim());
  const facts: [string, string][] = [
    ["source", `Hub ${model.repo} at ${model.revision}`],
    ["purpose", model.purpose],
    ["licence", termsText(model)],
    ["size", `about ${bytesText(model.bytes)}`],
    ["files", model.files === undefined ? "all" : `${model.files.join(" ")} (--all: every file)`],
    ["citation", model.citation.trim()],
  ];
  for (const [label, value] of facts) if (value !== "") console.out(`  ${label.padEnd(10)}${value}`);
  if (model.bibtex !== "") console.out(`\n${model.bibtex.trim()}`);
  console.out(
    `\nget it:   ${shellCommand("shardmill", "models", "get", model.name, "--out", `models/${model.name}`)}`,
  );
}
