import { median } from "./measure.ts";
import type { MillionOutput } from "./million-output.ts";
import { treeCpuSeconds } from "./process-tree.ts";
import { startApiAlone } from "./service.ts";

const base = "/api/builds/openvid-1m";
/** What a page on a build asks for when it is told of a change. */
const asked = [base, `${base}/parts?pageSize=50`, `${base}/failures?pageSize=50`];

/** From the start of the process until it says that it is ready. */
export async function readySeconds(out: string): Promise<number> {
  const began = performance.now();
  const service = await startApiAlone(out);
  try {
    while (!(await fetch(`${service.url}/readyz`)).ok) await new Promise((done) => setTimeout(done, 100));
    return (performance.now() - began) / 1000;
  } finally {
    await service.close();
  }
}

/**
 * A page that stays open while a shard is committed each second: the service's share of a core, and how long the page waits for
 * what it is told of, as a median.
 */
export async function pageCost(
  out: string,
  output: MillionOutput,
  seconds: number,
): Promise<{ corePercent: number; toldAfterSeconds: number }> {
  const parts = Array.from({ length: seconds }, (_, at) => at);
  for (const part of parts) await output.removeLast(part);
  const service = await startApiAlone(out);
  const leave = new AbortController();
  try {
    while (!(await fetch(`${service.url}/readyz`)).ok) await new Promise((done) => setTimeout(done, 100));
    const told: number[] = [];
    const page = watch(service.url, leave.signal, () => told.push(performance.now()));
    const [cpuBefore, began] = [treeCpuSeconds(service.pid), performance.now()];
    const commits: number[] = [];
    for (const part of parts) {
      await output.commitLast(part);
      commits.push(performance.now());
      await new Promise((done) =>
        setTimeout(done, Math.max(0, began + (part + 1) * 1000 - performance.now())),
      );
    }
    const corePercent =
      (100 * (treeCpuSeconds(service.pid) - cpuBefore)) / ((performance.now() - began) / 1000);
    leave.abort();
    await page.catch(() => undefined);
    const waits = commits.flatMap((at) => {
      const moment = told.find((one) => one >= at);
      return moment === undefined ? [] : [(moment - at) / 1000];
    });
    return { corePercent, toldAfterSeconds: median(waits) };
  } finally {
    leave.abort();
    await service.close();
  }
}

/** Asks for the page's answers whenever the service tells of another status. */
async function watch(url: string, signal: AbortSignal, onStatus: () => void): Promise<void> {
  const events = await fetch(`${url}/api/events`, { signal });
  if (events.body === null) throw new Error("expected live events");
  const decoder = new TextDecoder();
  for await (const chunk of events.body) {
    if (!decoder.decode(chunk, { stream: true }).includes('"status"')) continue;
    onStatus();
    for (const path of asked) await (await fetch(`${url}${path}`, { signal })).arrayBuffer();
  }
}
