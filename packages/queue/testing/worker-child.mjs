// A worker in a process of its own, for tests that kill or freeze it. Arguments: url, settings, behaviour.
// hold: waits for its signal. work: returns at once. Tells each event on stdout, one JSON line each.
import { connectQueue } from "../dist/index.js";

const [url, settings, behaviour] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const queue = await connectQueue({ url, ...JSON.parse(settings) });
const worker = await queue.runWorker({
  role: "mill",
  name: `child-${process.pid}`,
  concurrency: 1,
  onEvent: ({ kind, range, attempt }) => tell({ kind, range, attempt }),
  handlers: {
    async millShard(_, { signal }) {
      if (behaviour === "work") return null;
      return new Promise((_, fail) => {
        signal.addEventListener("abort", () => fail(signal.reason), { once: true });
      });
    },
  },
});
tell({ kind: "ready", range: null, attempt: null });
process.once("SIGTERM", async () => {
  await worker.close({ drain: false });
  await queue.close();
});
