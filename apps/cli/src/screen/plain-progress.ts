import type { PartStatus } from "@shardmill/pipeline/status";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, durationText, plural } from "../text/format.ts";
import type { BuildView } from "./build-model.ts";

/** How far a part is, as far as a log is interested: what flickers between two looks is not told. */
type Stage = "begun" | "planned" | "ended";

const wholeEveryMs = 30_000;

/** A build as lines of a log: when a part is planned and when it ends, and the whole now and then. The clock is told to it. */
export class PlainProgress {
  readonly #stages = new Map<string, Stage>();
  #lastWholeMs: number | null = null;

  lines(view: BuildView, nowMs: number): string[] {
    const told = view.asked.flatMap((part) => {
      const line = this.#partLine(part);
      return line === null ? [] : [line];
    });
    // The first whole would only say that nothing has been done yet.
    this.#lastWholeMs ??= nowMs;
    if (nowMs - this.#lastWholeMs < wholeEveryMs) return told;
    this.#lastWholeMs = nowMs;
    return [...told, wholeLine(view)];
  }

  #partLine(part: PartStatus): string | null {
    const stage = stageOf(part);
    const before = this.#stages.get(part.label);
    if (before === stage || before === "ended") return null;
    this.#stages.set(part.label, stage);
    return stage === "begun" ? null : stage === "planned" ? plannedLine(part) : endedLine(part);
  }
}

function stageOf({ state, shards }: PartStatus): Stage {
  if (state === "done" || state === "failed" || state === "absent") return "ended";
  return shards.total === null ? "begun" : "planned";
}

function plannedLine({ label, members, shards }: PartStatus): string {
  const there = shards.done === 0 ? "" : `, ${shards.done} of them there`;
  const of = members === null ? "" : `${plural(members, "member")} in `;
  return `${label} planned: ${of}${plural(shards.total ?? 0, "shard")}${there}`;
}

function endedLine({ label, state, packed, failed, skipped, shards, error }: PartStatus): string {
  if (error !== null) return `${label} ${state}: ${error.code ?? "bug"}: ${safeText(error.detail)}`;
  return `${label} ${state}: ${countText(packed)} packed, ${countText(failed)} failed, ${countText(skipped)} skipped in ${plural(shards.done, "shard")}`;
}

function wholeLine({ members, perSecond, eta, asked }: BuildView): string {
  const of = members.of === null ? "" : ` of ${countText(members.of)}`;
  const end = eta === null ? "" : `, ETA ${durationText(eta.seconds)}`;
  const done = asked.filter((part) => part.state === "done").length;
  return `${done} of ${asked.length} parts, ${countText(members.done)}${of} members, ${perSecond.samples.toFixed(1)} samples/s, ${bytesText(perSecond.bytes)}/s${end}`;
}
