import type { CommitAnswer, CommitStep, DraftSeen } from "../src/write/draft-protocol.ts";

/** What lies in a folder for one shard, as far as its commit goes. A tar is told by whose draft it came from. */
export interface World {
  readonly tar: string | null;
  readonly manifest: { readonly identity: string; readonly tar: string | null } | null;
  /** Ledger and index: whose. */
  readonly sides: readonly (string | null)[];
  /** Null: a taker. */
  readonly drafts: Readonly<Record<string, Making | null>>;
}

/** What a writer made. */
export interface Making {
  readonly isEmpty: boolean;
  readonly work: string;
}

export const nothing: World = { tar: null, manifest: null, sides: [null, null], drafts: {} };

/** The world after a step of the draft protocol, and what the step found. Each step is one call of the file system. */
export function take(world: World, step: CommitStep, work: string): [World, CommitAnswer] {
  switch (step.do) {
    case "look-tar":
    case "tar-again":
      return [world, { tar: world.tar }];
    case "look-drafts":
    case "list-others":
      return [world, { drafts: draftsIn(world, work) }];
    case "look-manifest":
    case "manifest-again":
      return [world, { manifest: world.manifest?.identity ?? null }];
    case "look-fit":
      return [world, { fits: world.manifest === null || world.manifest.tar === world.tar }];
    case "remove-draft": {
      const { [step.draft]: _gone, ...drafts } = world.drafts;
      return [{ ...world, drafts }, { result: "done" }];
    }
    case "make-taker":
      return [{ ...world, drafts: { ...world.drafts, [step.draft]: null } }, { result: "done" }];
    case "end":
      throw new Error("the end is no step");
    default:
      return change(world, step);
  }
}

type Change = Extract<CommitStep, { readonly draft: string }>;

/** Refused where the draft is gone. */
function change(world: World, step: Change): [World, CommitAnswer] {
  const draft = world.drafts[step.draft];
  if (draft === undefined) return [world, { result: "gone" }];
  const tar = draft === null || draft.isEmpty ? null : step.draft;
  const done = (after: World): [World, CommitAnswer] => [after, { result: "done" }];
  switch (step.do) {
    case "place-tar":
      return world.tar === null ? done({ ...world, tar }) : [world, { result: "exists" }];
    case "clear-tar":
      return done({ ...world, tar: null });
    case "clear-manifest":
      return done({ ...world, manifest: null });
    case "place-sides":
      throw new Error("several files are several calls");
    default:
      if (world.manifest !== null) return [world, { result: "exists" }];
      return done({ ...world, manifest: { identity: step.draft, tar } });
  }
}

/** One of the files that `place-sides` places. */
export function placeSide(world: World, draft: string, side: number): [World, "done" | "gone"] {
  const made = world.drafts[draft];
  if (made === undefined) return [world, "gone"];
  return [{ ...world, sides: world.sides.with(side, sideOf(made, draft, side)) }, "done"];
}

/** The first side is the ledger, which an empty shard has too. */
function sideOf(made: Making | null, draft: string, side: number): string | null {
  return made?.isEmpty !== false && side > 0 ? null : draft;
}

function draftsIn(world: World, work: string): DraftSeen[] {
  return Object.entries(world.drafts).map(([draft, made]) => ({
    draft,
    tar: made === null || made.isEmpty ? null : draft,
    manifest: made === null ? null : draft,
    isSameWork: made?.work === work,
  }));
}

/** What is wrong with a committed shard; null: nothing. Whose bytes something has is told by `bytesOf`. */
export function lieOf(world: World, bytesOf: (whose: string) => string): string | null {
  const { manifest, tar, sides } = world;
  if (manifest === null) return null;
  const of = (whose: string | null): string | null => (whose === null ? null : bytesOf(whose));
  if (of(manifest.tar) !== of(tar)) return `a manifest of ${manifest.identity} with the tar of ${tar}`;
  const wanted = [manifest.identity, manifest.tar];
  const wrong = sides.findIndex((side, at) => of(side) !== of(wanted[at] ?? null));
  return wrong < 0 ? null : `a manifest of ${manifest.identity} with side ${wrong} of ${sides[wrong]}`;
}
