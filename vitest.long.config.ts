import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What takes longer than a person waits for: scale, endurance, a hundred kills. CI runs these too. */
const long = mergeConfig(
  base,
  defineConfig({ test: { testTimeout: 900_000, hookTimeout: 120_000, maxWorkers: 1 } }),
);
if (long.test !== undefined) {
  long.test.include = ["packages/*/src/**/*.long.test.ts", "tests/**/*.long.test.ts"];
  long.test.exclude = ["**/node_modules/**", "**/dist/**"];
}
export default long;
