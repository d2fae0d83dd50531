/** Shapes of names, and what one and several of them are called. */
const kinds: readonly (readonly [RegExp, string, string])[] = [
  // `v.zip.001`, `v.tar.part2`, `v.7z.aa`: what `pieces` of a rule joins, once it is written there.
  [
    /\.(zip|tar|tgz|tar\.[a-z0-9]+|7z|parquet)[._-]?(part)?[._-]?(\d{1,6}|[a-z]{2})$/i,
    "a piece of a split archive",
    "pieces of split archives",
  ],
  [/[._]part_?([a-z]{2}|\d{1,6})$/, "a piece of a split archive", "pieces of split archives"],
  [/\.[zr]\d{2,3}$/i, "a volume of a split archive", "volumes of split archives"],
  [/\.(zip|tar|tgz|tbz2?|txz|tzst|tar\.[a-z0-9]+|7z|rar)$/i, "an archive", "archives"],
];

/** Archives that no rule speaks of, told once per folder: a renamed part would otherwise vanish without a word. */
export function strayArchives(unclaimed: readonly string[]): string[] {
  const byFolder = new Map<string, { readonly kinds: Set<number>; readonly paths: string[] }>();
  for (const path of unclaimed) {
    const kind = kinds.findIndex(([shape]) => shape.test(path));
    if (kind < 0) continue;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const group = byFolder.get(folder) ?? { kinds: new Set(), paths: [] };
    group.kinds.add(kind);
    group.paths.push(path);
    byFolder.set(folder, group);
  }
  return [...byFolder].map(([folder, { kinds: met, paths }]) => {
    const [kind = 0] = met;
    const [, one, many] = (met.size === 1 ? kinds[kind] : undefined) ?? [null, "an archive", "archives"];
    const remedy = remedyOf(one, paths);
    return paths.length === 1
      ? `${paths[0]} is ${one} that no rule of the catalogue speaks of${remedy}`
      : `${folder === "" ? "the top folder" : folder} holds ${paths.length} ${many} that no rule of the catalogue speaks of, such as ${paths[0]}${remedy}`;
  });
}

function remedyOf(kind: string, [path = ""]: readonly string[]): string {
  if (kind.startsWith("a volume")) return "; join the volumes first (zip -s 0, or unpack with 7z)";
  if (!kind.startsWith("a piece")) return "";
  return `; a rule with pieces: ${path.replace(/(\d+|[a-z]{2})$/i, "{piece}").replace(/\d+/g, "{part}")} would join them`;
}
