import { startHubStandIn } from "./start-hub-stand-in.ts";

/** `node serve.js FOLDER REPO BYTES_PER_SECOND`: the stand-in as a process of its own, until its stdin ends. */
const [folder = "", repo = "", rate = ""] = process.argv.slice(2);
const hub = await startHubStandIn({ folder, repo, bytesPerSecond: Number(rate) });
process.stdout.write(`${JSON.stringify({ endpoint: hub.endpoint, plainBase: hub.plainBase })}\n`);
process.stdin.resume();
process.stdin.once("close", () => void hub.close());
