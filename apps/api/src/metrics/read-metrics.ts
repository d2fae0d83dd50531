import { codes, isCode } from "@shardmill/core";
import { isAllHeld } from "@shardmill/owner";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { partStates } from "../contract/index.ts";
import type { BuildNow } from "../read/build-now.ts";
import { ofEachBuild } from "../read/of-each-build.ts";
import type { QueueNow } from "../read/queue-eye.ts";
import type { Service } from "../service.ts";
import { MadeSince } from "./made-since.ts";

type Labels = Record<string, string | number>;

/**
 * Everything Prometheus may ask for. Counts come from the records, so that they are right after a restart and the same
 * on every machine. What adds up is a counter, ends in `_total`, says `since start` in its help and begins at zero with this process: it
 * must never fall, and what the records add up to does when a shard is made again. What is there now, such as samples, is a gauge.
 * No label names a part, a shard or a process: 2,000 parts have as many series as two.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #service: Service;
  readonly #metrics = new Map<string, Gauge<string> | Counter<string>>();
  readonly #made: MadeSince;
  #reading: Promise<string> | null = null;

  constructor(service: Service) {
    this.#service = service;
    this.#made = new MadeSince(service.clock.now());
    collectDefaultMetrics({ register: this.registry, prefix: "shardmill_" });
    for (const name of misnamed) this.registry.removeSingleMetric(name);
    for (const [name, [help, ...labelNames]] of Object.entries(catalogueOfMetrics)) {
      const about = { name, help, labelNames, registers: [this.registry] };
      this.#metrics.set(name, name.endsWith("_total") ? new Counter(about) : new Gauge(about));
    }
  }

  /** Who asks while they are being read is given the same: two readings at once would add up. */
  text(): Promise<string> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<string> {
    for (const metric of this.#metrics.values()) metric.reset();
    await ofEachBuild(this.#service, (now) => this.#readBuild(now));
    await this.#readService();
    return this.registry.metrics();
  }

  async #readBuild(now: BuildNow): Promise<void> {
    const { status, queue } = now;
    const { manifests } = now.books;
    const dataset = status.dataset;
    const { packed, byCode, frames, shardBytes, unmatched } = status.totals;
    this.#set("shardmill_samples", { dataset, outcome: "packed", code: "" }, packed);
    for (const [code, count] of Object.entries(byCode)) {
      const outcome = isCode(code) ? codes[code].kind : "failed";
      this.#set("shardmill_samples", { dataset, outcome, code }, count);
    }
    // A state that no part is in is a 0, so that the first part in it is a step.
    for (const state of partStates) this.#add("shardmill_parts", { dataset, state }, 0);
    for (const { state, remarks } of status.parts) {
      this.#add("shardmill_parts", { dataset, state }, 1);
      for (const { code, count } of remarks) this.#add("shardmill_remarks", { dataset, code }, count);
    }
    this.#set("shardmill_frames", { dataset }, frames);
    this.#set("shardmill_shard_bytes", { dataset }, shardBytes);
    this.#set("shardmill_shards", { dataset }, manifests.length);
    if (unmatched !== null) this.#set("shardmill_annotations_unmatched", { dataset }, unmatched);
    const { bytesRead, seconds, retriedClips } = this.#made.add(dataset, manifests);
    this.#set("shardmill_source_read_bytes_total", { dataset }, bytesRead);
    this.#set("shardmill_mill_seconds_total", { dataset }, seconds);
    this.#set("shardmill_clips_retried_total", { dataset }, retriedClips);
    const isAtWork = queue.active && queue.control === "run" && !isAllHeld(queue);
    this.#set("shardmill_build_active", { dataset }, isAtWork ? 1 : 0);
    this.#set("shardmill_build_jobs_failed", { dataset }, queue.jobs.failed);
    const meter = await this.#service.feed.meterOf(dataset);
    this.#set("shardmill_samples_per_second", { dataset }, meter.samplesPerS);
    this.#set("shardmill_frames_per_second", { dataset }, meter.framesPerS);
    this.#set("shardmill_bytes_per_second", { dataset }, meter.bytesPerS);
    if (meter.eta !== null)
      this.#set("shardmill_eta_seconds", { dataset }, (meter.eta.lowS + meter.eta.highS) / 2);
    this.#set("shardmill_silent_seconds", { dataset }, meter.silentS ?? process.uptime());
    const { retries, decodeSeconds } = this.#service.feed.counters();
    this.#set("shardmill_job_retries_total", { dataset }, retries.get(dataset) ?? 0);
    this.#set("shardmill_decode_seconds_total", { dataset }, decodeSeconds.get(dataset) ?? 0);
  }

  async #readService(): Promise<void> {
    const now = await this.#service.eye.now();
    this.#set("shardmill_queue_up", {}, now.reachable ? 1 : 0);
    for (const role of ["plan", "mill"] as const) {
      const { waiting, active, delayed, parked } = now.counts[role];
      for (const [state, count] of Object.entries({ waiting, active, delayed, parked }))
        this.#set("shardmill_queue_jobs", { role, state }, count);
      this.#set("shardmill_workers", { role }, now.workers.filter((worker) => worker.role === role).length);
    }
    this.#readResting(now.workers);
    for (const { host, role, version, current } of now.workers)
      this.#add("shardmill_worker_jobs", { host, role, version }, current.length);
    const freeBytes = await this.#service.freeBytes();
    if (freeBytes !== null) this.#set("shardmill_output_free_bytes", {}, freeBytes);
    this.#set("shardmill_event_clients", {}, this.#service.clients.size);
  }

  /** Why a worker takes no job now, or none of some build; one that has several reasons counts in each. */
  #readResting(workers: QueueNow["workers"]): void {
    for (const role of ["plan", "mill"] as const) {
      const mine = workers.filter((worker) => worker.role === role);
      const refusing = (code: string): number =>
        mine.filter(({ refuses }) => refuses.some((refusal) => refusal.code === code)).length;
      const reasons = {
        asked: mine.filter(({ rests }) => rests).length,
        toolchain_mismatch: refusing("toolchain_mismatch"),
        output_differs: refusing("output_differs"),
      };
      for (const [why, count] of Object.entries(reasons))
        this.#set("shardmill_workers_resting", { role, why }, count);
    }
  }

  #set(name: MetricName, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name);
    if (metric instanceof Gauge) metric.set(labels, value);
    else metric?.inc(labels, value);
  }

  #add(name: MetricName, labels: Labels, value: number): void {
    this.#metrics.get(name)?.inc(labels, value);
  }
}

/** Gauges of Node's own that are named like counters; beside each there is one by type that is not. */
const misnamed = ["handles", "requests", "resources"].map((what) => `shardmill_nodejs_active_${what}_total`);

/** Name -> help, labels. docs/api.md and config/monitoring are compared with it by a test. */
export const catalogueOfMetrics = {
  shardmill_samples: ["Members by fate, from the manifests", "dataset", "outcome", "code"],
  shardmill_parts: ["Parts by state", "dataset", "state"],
  shardmill_remarks: ["What the parts' remarks tell, by code", "dataset", "code"],
  shardmill_shards: ["Committed shards", "dataset"],
  shardmill_shard_bytes: ["Bytes of the committed shards", "dataset"],
  shardmill_frames: ["Frames in the committed shards", "dataset"],
  shardmill_annotations_unmatched: ["Annotations without a member, once every part is planned", "dataset"],
  shardmill_source_read_bytes_total: [
    "Bytes read from the source for shards that were committed since start",
    "dataset",
  ],
  shardmill_mill_seconds_total: [
    "Seconds that shards took which were committed since start, added up",
    "dataset",
  ],
  shardmill_clips_retried_total: [
    "Clips in shards committed since start that needed more than one attempt",
    "dataset",
  ],
  shardmill_decode_seconds_total: ["Seconds of decoding that workers told of since start", "dataset"],
  shardmill_job_retries_total: ["Jobs that failed and were tried again since start", "dataset"],
  shardmill_build_active: [
    "1 while jobs of the build wait or run and neither it nor all that is left of it is paused",
    "dataset",
  ],
  shardmill_build_jobs_failed: ["Jobs of the build that failed for good and are still kept", "dataset"],
  shardmill_samples_per_second: ["Samples packed, over the last half minute", "dataset"],
  shardmill_frames_per_second: ["Frames made, over the last half minute", "dataset"],
  shardmill_bytes_per_second: ["Bytes read from the source, over the last half minute", "dataset"],
  shardmill_eta_seconds: ["Middle of the estimated time to the end", "dataset"],
  shardmill_silent_seconds: ["Seconds since a job of the build told something, or since start", "dataset"],
  shardmill_queue_up: ["1 while Redis answers"],
  shardmill_queue_jobs: ["Jobs by role and state", "role", "state"],
  shardmill_workers: ["Workers that gave a sign of life within the last ten seconds", "role"],
  shardmill_workers_resting: ["Workers that take no job, or none of some build, by why", "role", "why"],
  shardmill_worker_jobs: ["Jobs that the workers of a machine have in hand", "host", "role", "version"],
  shardmill_output_free_bytes: ["Bytes free where the output lies; not told of a bucket"],
  shardmill_event_clients: ["Pages that listen to live events"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type MetricName = keyof typeof catalogueOfMetrics;
