import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * The child's second thread: one byte every half second on descriptor 4, whatever the decoder does to the main
 * thread. When the parent is gone the write fails (EPIPE) and the whole group ends, so that no decoder is orphaned.
 */
const HEARTBEAT_FD = 4;
const INTERVAL_MS = 500;

if (!isMainThread) setInterval(beat, INTERVAL_MS);

function beat(): void {
  try {
    writeSync(HEARTBEAT_FD, ".");
  } catch (error) {
    const isFull = error instanceof Error && "code" in error && error.code === "EAGAIN";
    if (!isFull) endGroup();
  }
}

function endGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    process.kill(process.pid, "SIGKILL");
  }
}
