import { defineConfig } from "vitest/config";
import { common } from "./vitest.config.ts";

/** What takes longer than a person waits for: scale, endurance, a hundred kills. CI runs these too. */
export default defineConfig({
  test: {
    ...common,
    // One more than the two cores that tests are made for: these wait for processes half of their time.
    maxWorkers: 3,
    include: ["packages/*/src/**/*.long.test.ts", "tests/**/*.long.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // The limit of all of them: how long one takes says nothing, machines are busy.
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
