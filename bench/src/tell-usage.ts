/** `node --import tell-usage.js COMMAND`: what the command cost this process, and what it asked of files, on descriptor 3. */
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const asked = { opened: 0, listed: 0, looked: 0 };
const { open, readdir, lstat } = promises;
promises.open = (...args: Parameters<typeof open>) => {
  asked.opened += 1;
  return open(...args);
};
// Overloads: what is counted is only that it was called.
const counting = <Call extends (...args: never[]) => unknown>(call: Call, kind: keyof typeof asked): Call =>
  ((...args: never[]) => {
    asked[kind] += 1;
    return call(...args);
  }) as Call;
promises.readdir = counting(readdir, "listed");
promises.lstat = counting(lstat, "looked");
syncBuiltinESMExports();

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
  fs.writeSync(3, JSON.stringify({ ...asked, cpuSeconds, peakMiB: maxRSS / 1024 }));
});
