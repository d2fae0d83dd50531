import { isAllHeld } from "@shardmill/owner";
import type { Workers } from "../contract/index.ts";
import type { BuildNow } from "./build-now.ts";
import type { QueueNow } from "./queue-eye.ts";

type Alarm = Workers["alarms"][number];

const lowDiskBytes = 5_000_000_000;

/** What should be said loudly: work waits, and nobody does it. */
export function alarmsOf(
  now: QueueNow,
  builds: readonly BuildNow[],
  output: { readonly freeBytes: number | null; readonly away: readonly string[] },
  version: string,
): Alarm[] {
  const { freeBytes, away } = output;
  const alarms: Alarm[] = [];
  const add: Add = (code, message, remedy) => {
    alarms.push({ code, message, remedy });
  };
  if (!now.reachable) {
    add(
      "queue_away",
      "Redis does not answer: nothing can be enqueued, and nothing is heard of the workers",
      "bring the service's Redis back; figures below come from the output folder",
    );
  } else {
    workerAlarms(now, builds, version, add);
  }
  for (const dataset of away) {
    add(
      "output_away",
      `the output folder of ${dataset} is not there: its build waits`,
      "bring it back (mount it again); the build goes on by itself",
    );
  }
  if (freeBytes !== null && freeBytes < lowDiskBytes) {
    add(
      "disk_low",
      `only ${(freeBytes / 1e9).toFixed(1)} GB are free in the output folder`,
      "free some space; a full disk stops the build until there is some",
    );
  }
  return alarms;
}

type WorkerRefusal = QueueNow["workers"][number]["refuses"][number];
type Add = (code: string, message: string, remedy: string) => void;

function workerAlarms(now: QueueNow, builds: readonly BuildNow[], version: string, add: Add): void {
  stillAlarm(now, builds, add);
  const { workers } = now;
  const built = new Set(builds.map(({ build }) => build.build));
  const told = new Set<string>();
  for (const { worker, refuses } of workers) {
    const name = worker.replace(/\/(mill|plan)$/, "");
    for (const refusal of refuses) {
      // A process is two workers, which find the same.
      const once = `${name} ${refusal.build} ${refusal.code}`;
      if (!built.has(refusal.build) || told.has(once)) continue;
      told.add(once);
      refusalAlarm(name, refusal, add);
    }
  }
  // Of those that refuse a build, more has been said already.
  const silent = workers.filter(({ refuses }) => refuses.length === 0);
  const others = [...new Set(silent.map((worker) => worker.version))].filter((one) => one !== version);
  if (others.length > 0) {
    add(
      "version_differs",
      `workers of version ${others.join(", ")} are connected; this service is ${version}`,
      "run one version on every machine: another refuses the build's jobs",
    );
  }
}

function refusalAlarm(worker: string, { code, dataset, why }: WorkerRefusal, add: Add): void {
  if (code === "output_differs")
    add(
      "worker_other_output",
      `a worker that does not see the output of ${dataset} (${worker}: ${why}) is connected and takes no job of it`,
      "mount the build's output on that machine, and start the worker with that folder",
    );
  else
    add(
      "worker_refuses",
      `a worker with other versions (${worker}: ${why}) is connected and takes no job of ${dataset}`,
      "install the build's versions there, or ask for the build again with the new ones (rebuild)",
    );
}

/** Work that waits with nobody who takes it. */
function stillAlarm({ workers, counts }: QueueNow, builds: readonly BuildNow[], add: Add): void {
  const waits = builds.some(({ queue }) => queue.active && queue.control === "run" && !isAllHeld(queue));
  const has = (role: "plan" | "mill"): boolean => workers.some((worker) => worker.role === role);
  const start = "start one, with the service's Redis and output folder";
  const { plan, mill } = counts;
  if (workers.length === 0) {
    if (waits) add("no_worker", "no worker is connected, and work is waiting", start);
    else add("no_worker_idle", "no worker is connected", start);
  } else if (!waits) return;
  else if (mill.waiting > 0 && !has("mill"))
    add("no_mill_worker", `${mill.waiting} shards wait, and no mill worker is connected`, start);
  else if (plan.waiting > 0 && !has("plan"))
    add("no_plan_worker", `${plan.waiting} parts wait to be planned, and no plan worker is connected`, start);
  else if (plan.active + mill.active === 0 && plan.waiting + mill.waiting > 0)
    add(
      "queue_still",
      "jobs wait, workers are connected, and none takes one",
      "look at the workers' logs; they may be paused or of another version",
    );
}
