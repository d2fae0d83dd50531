// Loaded before a command: what it has loaded of native libraries by its end is appended to the named file, as JSON.
const { appendFileSync } = require("node:fs");

process.on("exit", () => {
  const { sharedObjects } = process.report.getReport();
  const own = sharedObjects.filter((path) => path.includes("/node_modules/"));
  appendFileSync(process.env.NATIVE_LIBRARIES_FILE, `${JSON.stringify(own)}\n`);
});
