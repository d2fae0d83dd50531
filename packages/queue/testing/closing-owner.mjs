// A process with nothing else to do, which closes a private server whose host does not end by itself. Ends with 0 when it has.
import { readFileSync } from "node:fs";
import { startEmbeddedRedis } from "../dist/index.js";

const [, , kind, dir] = process.argv;
const redis = await startEmbeddedRedis({ prefer: kind, dir });
const parentOf = (pid) =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ")[1],
  );
let host = redis.pid;
while (parentOf(host) !== process.pid) host = parentOf(host);
process.kill(host, "SIGSTOP");
await redis.close();
