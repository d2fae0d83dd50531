// A process with nothing else to do, which closes a private server that does not end by itself. Ends with 0 when it has.
import { readFileSync } from "node:fs";
import { startEmbeddedRedis } from "../dist/index.js";

const [, , kind, dir] = process.argv;
const redis = await startEmbeddedRedis({ prefer: kind, dir });
const parent = Number(
  readFileSync(`/proc/${redis.pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")[1],
);
process.kill(parent === process.pid ? redis.pid : parent, "SIGSTOP");
await redis.close();
