import { defineConfig } from "vitest/config";

/** What all tests have in common; vitest.long.config.ts takes it for its own. */
export const common = {
  pool: "forks",
  maxWorkers: 2,
  // How long something takes says nothing about how long it should: machines are busy. These end what hangs.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 60_000 } },
  dangerouslyIgnoreUnhandledErrors: false,
} as const;

/** `npm test` builds first: a test takes its own package from src and every other package from dist, as a user would run it. */
export default defineConfig({
  test: {
    ...common,
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.long.test.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "units",
          include: ["packages/*/src/**/*.test.ts", "workers/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts"],
          // Files share a process: loading every package anew for each of them took longer than the tests themselves.
          isolate: false,
        },
      },
      { extends: true, test: { name: "walks", include: ["tests/**/*.test.ts"] } },
    ],
  },
});
