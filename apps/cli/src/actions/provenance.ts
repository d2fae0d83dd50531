import { closeAnnotationIndexes, openBuild, readProvenance } from "@shardmill/pipeline";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { openOutput } from "../output/open-output.ts";
import { safeText } from "../text/clean-text.ts";
import { countText } from "../text/format.ts";

export async function showProvenance(
  { console, settings, signal }: CommandContext,
  name: string,
  options: { readonly out: string; readonly json?: true },
): Promise<void> {
  await openOutput(options.out, name);
  const build = await openBuild(name, surroundingsOf(settings, options), signal);
  const rows = await readProvenance(build, signal).finally(() => closeAnnotationIndexes(build));
  if (options.json === true) return console.json({ dataset: name, rows });
  const used = placeNames.filter((place) => rows.some((row) => row.places[place] > 0));
  const cells = rows.map((row) => [
    row.prefix === "" ? "(no folder)" : safeText(row.prefix),
    countText(row.records),
    ...used.map((place) => (row.places[place] === 0 ? "" : countText(row.places[place]))),
    safeText(row.upstream ?? ""),
  ]);
  const header = ["prefix", "records", ...used.map((place) => place.replaceAll("_", " ")), "upstream"];
  const right = used.map(() => "right" as const);
  console.table(header, cells, ["left", "right", ...right, "left"]);
  for (const { prefix, remedy, places } of rows)
    if (remedy !== "" && places.external + places.mixed + places.absent_in_parts > 0)
      console.out(`${safeText(prefix)}: ${safeText(remedy)}`);
}

const placeNames = [
  "hosted",
  "expected",
  "absent_in_parts",
  "external",
  "mixed",
  "local",
  "unknown",
] as const;
