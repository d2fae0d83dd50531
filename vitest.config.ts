import { defineConfig } from "vitest/config";

/** `npm test` builds first: a test takes its own package from src and every other package from dist, as a user would run it. */
export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "workers/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.long.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
