/** Archives that no rule speaks of, told once per folder: a renamed part would otherwise vanish without a word. */
export function strayArchives(unclaimed: readonly string[]): string[] {
  const byFolder = new Map<string, string[]>();
  for (const path of unclaimed.filter(isArchive)) {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path]);
  }
  return [...byFolder].map(([folder, paths]) =>
    paths.length === 1
      ? `${paths[0]} is an archive that no rule of the catalogue speaks of`
      : `${folder === "" ? "the top folder" : folder} holds ${paths.length} archives that no rule of the catalogue speaks of, such as ${paths[0]}`,
  );
}

function isArchive(path: string): boolean {
  return /\.(zip|tar|tgz|tar\.[a-z0-9]+|7z|rar)$/i.test(path) || /[._]part_?[a-z]{2}$/.test(path);
}
