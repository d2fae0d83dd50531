import {
  advance,
  beginCommit,
  type CommitEnd,
  type CommitState,
  nextStep,
} from "../src/write/draft-protocol.ts";
import { type Making, placeSide, take, type World } from "./commit-world.ts";
import type { Writer } from "./interleavings.ts";

export type DraftState =
  | { readonly at: "unborn" }
  /** `placed`: how many of its sides, in a step that places all. */
  | { readonly at: "commit"; readonly state: CommitState; readonly placed: number };

/** In which its sides are placed: there are two of them, and no order more. */
export type SideOrder = readonly [number, number];

/** By the draft protocol; making the draft is its first step. */
export function draftWriter(
  name: string,
  made: Making,
  replaces: string | null = null,
  order: SideOrder = [0, 1],
): Writer<DraftState, World> {
  return {
    name,
    start: { at: "unborn" },
    step(world, now) {
      if (now.at === "unborn") {
        const drafts = { ...world.drafts, [name]: made };
        return [
          { ...world, drafts },
          { at: "commit", state: beginCommit(name, replaces), placed: 0 },
        ];
      }
      const step = nextStep(now.state);
      if (step.do === "place-sides") return placeNext(world, now, step.draft, order);
      const [after, answer] = take(world, step, made.work);
      return [after, { at: "commit", state: advance(now.state, answer), placed: 0 }];
    },
    endOf(now) {
      if (now.at === "unborn") return null;
      const step = nextStep(now.state);
      return step.do === "end" ? step.end.kind : null;
    },
  };
}

function placeNext(
  world: World,
  { state, placed }: Extract<DraftState, { readonly at: "commit" }>,
  draft: string,
  order: SideOrder,
): [World, DraftState] {
  const [after, result] = placeSide(world, draft, order[placed] ?? 0);
  const isLast = result === "gone" || placed + 1 === order.length;
  if (!isLast) return [after, { at: "commit", state, placed: placed + 1 }];
  return [after, { at: "commit", state: advance(state, { result }), placed: 0 }];
}

type OldState =
  | "read"
  | "link"
  | "check"
  | "swap"
  | "ledger"
  | "index"
  | "commit"
  | "compare"
  | CommitEnd["kind"];

/**
 * The order of 0.2 before there were drafts: tar, indexes, ledger, manifest, each linked where there was none, else put in
 * place of what no manifest vouches for. Kept as a control: it must be found wrong.
 */
export function oldWriter(name: string): Writer<OldState, World> {
  const on = (world: World, next: OldState): [World, OldState] => [world, next];
  return {
    name,
    start: "read",
    step(world, at) {
      switch (at) {
        case "read":
          return on(world, world.manifest === null ? "link" : "standing");
        case "link":
          return world.tar === null ? on({ ...world, tar: name }, "ledger") : on(world, "check");
        case "check":
          return on(world, world.manifest === null ? "swap" : "standing");
        case "swap":
          return on({ ...world, tar: name }, "ledger");
        case "ledger":
          return on({ ...world, sides: world.sides.with(0, name) }, "index");
        case "index":
          return on({ ...world, sides: world.sides.with(1, name) }, "commit");
        case "commit":
          if (world.manifest !== null) return on(world, "compare");
          return on({ ...world, manifest: { identity: name, tar: name } }, "finished");
        default:
          return on(world.tar === name ? { ...world, tar: null } : world, "standing");
      }
    },
    endOf: (at) => (at === "finished" || at === "standing" || at === "lost" ? at : null),
  };
}
