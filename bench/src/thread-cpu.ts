import { readFileSync } from "node:fs";

/** CPU milliseconds that the calling thread has had, kernel included. On a busy machine this is what is worth comparing. */
export function threadCpuMs(): number {
  const [nanoseconds] = readFileSync("/proc/thread-self/schedstat", "latin1").split(" ");
  return Number(nanoseconds) / 1e6;
}
