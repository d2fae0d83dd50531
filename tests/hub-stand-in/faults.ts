/** What a server does wrong once. `afterBytes` counts from the start of the answer's body. */
export type FaultKind =
  | "cut"
  | "early-end"
  | "range-ignored"
  | "stall"
  | "slow"
  | "503"
  | "429"
  | "gone"
  | "wrong-range"
  | "flip"
  | "expired";

export interface Fault {
  readonly kind: FaultKind;
  /** Only requests for this file; any without it. */
  readonly path?: string;
  /** Which server: the CDN (and the hub's own small files), the hub's resolve addresses, its API. Default bytes. */
  readonly on?: "bytes" | "resolve" | "api";
  readonly afterBytes?: number;
  /** How many requests it befalls; default 1. */
  readonly times?: number;
  /** For 503 and 429; without it no Retry-After is sent. */
  readonly retryAfterS?: number;
  /** For 429: sends `RateLimit: "resolvers";r=0;t=N`. */
  readonly rateLimitS?: number;
}

export interface RandomFaults {
  readonly seed: number;
  readonly probability: number;
  /** Default: every kind that a reader can heal by itself. */
  readonly kinds?: readonly FaultKind[];
}

export const healedKinds: readonly FaultKind[] = [
  "cut",
  "early-end",
  "range-ignored",
  "stall",
  "503",
  "429",
  "wrong-range",
  "expired",
];

const kindsWithoutBody = new Set<FaultKind>(["503", "429", "cut"]);

/** Decides which fault befalls a request: those asked for come first, then the dice. */
export class Faults {
  #asked: { fault: Fault; left: number }[] = [];
  readonly #random: RandomFaults | null;
  readonly #next: () => number;

  constructor(random: RandomFaults | null) {
    this.#random = random;
    this.#next = mulberry32(random?.seed ?? 0);
  }

  ask(fault: Fault): void {
    this.#asked.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#asked = [];
  }

  draw(on: "bytes" | "resolve" | "api", path: string | null, bodyBytes: number): Fault | null {
    const found = this.#asked.find(
      ({ fault, left }) =>
        left > 0 && (fault.on ?? "bytes") === on && (fault.path === undefined || fault.path === path),
    );
    if (found !== undefined) {
      found.left -= 1;
      return found.fault;
    }
    return this.#roll(on, bodyBytes);
  }

  #roll(on: "bytes" | "resolve" | "api", bodyBytes: number): Fault | null {
    if (this.#random === null || this.#next() >= this.#random.probability) return null;
    const all = this.#random.kinds ?? healedKinds;
    const kinds = on === "bytes" ? all : all.filter((kind) => kindsWithoutBody.has(kind));
    const kind = kinds[Math.floor(this.#next() * kinds.length)];
    if (kind === undefined) return null;
    return { kind, afterBytes: Math.floor(this.#next() * bodyBytes), retryAfterS: 0 };
  }
}

/** A small seeded generator: the same seed gives the same faults in the same order of requests. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
