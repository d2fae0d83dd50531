// An owner of a private Redis, to be killed by a test. Argument: kind. Tells url and pids on stdout.
import { startEmbeddedRedis } from "../dist/index.js";

const redis = await startEmbeddedRedis({ prefer: process.argv[2], dir: process.argv[3] });
process.stdout.write(`${JSON.stringify({ url: redis.url, pid: redis.pid, kind: redis.kind })}\n`);
setInterval(() => {}, 1_000);
