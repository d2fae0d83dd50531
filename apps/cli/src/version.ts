import { createRequire } from "node:module";

/** Of this package; all packages of Shardmill carry the same. */
export const version: string = createRequire(import.meta.url)("../package.json").version;
