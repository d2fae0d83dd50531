// Loaded before a command (NODE_OPTIONS=--import): its workers end before they have begun, each for a real reason.
import { rename } from "node:fs/promises";

if (process.argv.includes("worker")) {
  if (process.env.WORKER_END === "killed") process.kill(process.pid, "SIGKILL");
  if (process.env.WORKER_END === "module") await import("a-decoder-that-is-not-installed");
  if (process.env.WORKER_END === "option") process.argv.push("--no-such-option");
  if (process.env.WORKER_END === "system") await rename("/nonexistent/decoder.so", "/nonexistent/other");
}
