import { join } from "node:path";

/** Where the index of an identity lies. */
export function indexFile(dir: string, id: string): string {
  return join(dir, `annotations-${id.slice(0, 32)}.duckdb`);
}
