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
    // How long something may take to come about says nothing about how long it should: machines are busy.
    expect: { poll: { timeout: 20_000 } },
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
