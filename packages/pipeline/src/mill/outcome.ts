import {
  type ClipRemark,
  type LedgerLine,
  outcomeOf,
  type PlannedMember,
  type Rejection,
  reject,
  type TokenCounts,
} from "@shardmill/core";
import type { Sample } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import { leftOutLine } from "../plan/judge-members.ts";
import type { MemberTexts } from "./member-texts.ts";

/** What became of a member: its samples (none when it is left out) and its line in the ledger. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly line: LedgerLine;
  readonly annotationsUsed: number;
  readonly seconds: number;
  /** Of samples with tokens. */
  readonly tokens?: TokenCounts | undefined;
  /** Of a sample of another output that is withdrawn, where its shard's tokens are counted there. */
  readonly lost?: Pick<TokenCounts, "all" | "loss"> | null;
  /** Of a clip that is packed; none where left out. */
  readonly remarks?: readonly ClipRemark[];
}

/** What a packed member was made with. */
interface Made {
  readonly samples: readonly Sample[];
  readonly texts: Pick<MemberTexts, "detail" | "tokens">;
  readonly pictures: {
    readonly files: readonly unknown[];
    readonly seconds: number;
    readonly attempts: number;
    readonly remarks?: readonly ClipRemark[];
  };
}

export function packed(planned: PlannedMember, { samples, texts, pictures }: Made): Outcome {
  return {
    samples,
    line: {
      position: planned.position,
      member: planned.name,
      outcome: "packed",
      key: samples[0]?.key ?? null,
      code: null,
      detail: texts.detail,
      attempt: pictures.attempts,
      frames: pictures.files.length,
    },
    annotationsUsed: planned.records.length,
    seconds: pictures.seconds,
    tokens: texts.tokens,
    ...(pictures.remarks && { remarks: pictures.remarks }),
  };
}

/** Records that no tokens are made of are not records without a member. */
export function withoutText(planned: PlannedMember, found: Rejection | null): Outcome {
  const rejection = found ?? reject("no_annotation", "no record");
  const outcome = leftOut(planned, rejection, 1);
  return rejection.code === "no_annotation"
    ? outcome
    : { ...outcome, annotationsUsed: planned.records.length };
}

export function leftOut(planned: PlannedMember, rejection: Rejection, attempts: number): Outcome {
  const line = { ...leftOutLine(planned, rejection), attempt: attempts };
  return {
    samples: [],
    line,
    annotationsUsed: isUsed(rejection) ? planned.records.length : 0,
    seconds: 0,
  };
}

/** Whether a member that is left out has met its records all the same. */
function isUsed({ code }: Rejection): boolean {
  return outcomeOf(code) === "failed" || code === "filtered";
}

/** Whether texts are written as they are, beside their tokens or without any. */
export function keepsRaw({ build }: BuildContext): boolean {
  const { text } = build.recipe;
  return text.format === "raw" || text.keepRaw;
}
