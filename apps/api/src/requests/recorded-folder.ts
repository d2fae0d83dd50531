import type { Service } from "../service.ts";

/** The folder that an earlier build read from: of the output, else of its dataset. */
export async function recordedFolder(service: Service, names: readonly string[]): Promise<string | null> {
  await service.outputs.look();
  for (const name of names) {
    if (!service.isKnown(name)) continue;
    const source = (await service.books(name).records.readBuild())?.source;
    if (source?.kind === "folder") return source.location;
  }
  return null;
}
