import { defineConfig } from "vite";

/** One page without anything from elsewhere: no inline script, no web font, no address but its own. */
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
