/** A writer whose steps can be taken one by one, from any state it was in. Its states, and the worlds, are plain data. */
export interface Writer<S, W> {
  readonly name: string;
  readonly start: S;
  step(world: W, state: S): [W, S];
  endOf(state: S): string | null;
}

/** Where a writer is; null: it died. */
type Standing<S> = S | null;

interface Moment<W> {
  readonly before: W;
  readonly after: W;
}

export interface Outcome<W> {
  readonly world: W;
  /** How each writer ended; null: it died. */
  readonly ends: readonly (string | null | undefined)[];
}

export interface Watch<W> {
  /** After every step. */
  moment(moment: Moment<W>): void;
  /** When all have ended or died. */
  outcome(outcome: Outcome<W>): void;
}

/**
 * All orders in which writers can take their steps, with deaths between any two of them. What was reached once is not
 * walked again: what may follow depends on nothing but the world and where the writers are. Returns how many there were.
 */
export function walkAll<S, W>(start: W, writers: readonly Writer<S, W>[], watch: Watch<W>): number {
  const worlds = new Numbered<W>();
  const tracks = writers.map((writer) => new Track(writer, worlds, watch));
  const seen = new Set<number>();
  const open: (readonly number[])[] = [[worlds.of(start), ...tracks.map((track) => track.start)]];
  for (let now = open.pop(); now !== undefined; now = open.pop()) {
    const key = now.reduce((sum, one) => sum * most + one, 0);
    if (seen.has(key)) continue;
    seen.add(key);
    const [world = 0, ...states] = now;
    const live = tracks.flatMap((track, at) => (track.isLive(states[at] ?? dead) ? [at] : []));
    if (live.length === 0) {
      const ends = tracks.map((track, at) => track.endOf(states[at] ?? dead));
      watch.outcome({ world: worlds.at(world), ends });
    }
    for (const at of live) {
      const [after, next] = tracks[at]?.step(world, states[at] ?? dead) ?? [world, dead];
      open.push([after, ...states.with(at, next)], now.with(at + 1, dead));
    }
  }
  return seen.size;
}

/** A place and two writers make one number. */
const most = 2 ** 17;
const dead = 0;

/** Values by number, from 1. */
class Numbered<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  of(value: T): number {
    const text = JSON.stringify(value);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#values.push(value);
    if (number >= most) throw new Error("more states than are told apart here");
    this.#numbers.set(text, number);
    return number;
  }

  at(number: number): T {
    const value = this.#values[number - 1];
    if (value === undefined) throw new Error(`nothing has the number ${number}`);
    return value;
  }
}

/** One writer's steps by number. Each is worked out once, however many orders it occurs in. */
class Track<S, W> {
  readonly start: number;
  readonly #writer: Writer<S, W>;
  readonly #worlds: Numbered<W>;
  readonly #watch: Watch<W>;
  readonly #states = new Numbered<S>();
  readonly #steps = new Map<number, readonly [number, number]>();
  readonly #ends = new Map<number, string | null>();

  constructor(writer: Writer<S, W>, worlds: Numbered<W>, watch: Watch<W>) {
    this.#writer = writer;
    this.#worlds = worlds;
    this.#watch = watch;
    this.start = this.#states.of(writer.start);
  }

  /** Null: it is dead, or on its way. */
  endOf(state: number): string | null {
    if (state === dead) return null;
    const known = this.#ends.get(state);
    if (known !== undefined) return known;
    const end = this.#writer.endOf(this.#states.at(state));
    this.#ends.set(state, end);
    return end;
  }

  isLive(state: number): boolean {
    return state !== dead && this.endOf(state) === null;
  }

  step(world: number, state: number): readonly [number, number] {
    const key = world * most + state;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const before = this.#worlds.at(world);
    const [after, next] = this.#writer.step(before, this.#states.at(state));
    this.#watch.moment({ before, after });
    const step = [this.#worlds.of(after), this.#states.of(next)] as const;
    this.#steps.set(key, step);
    return step;
  }
}

/** One order by chance; each writer dies at each step with the chance that is given. */
export function walkOne<S, W>(
  start: W,
  writers: readonly Writer<S, W>[],
  { random, deadly }: { readonly random: () => number; readonly deadly: number },
  watch: Watch<W>,
): void {
  let now: [W, readonly Standing<S>[]] = [start, writers.map((writer) => writer.start)];
  for (let steps = 0; steps < 10_000; steps += 1) {
    const live = livingOf(writers, now[1]);
    const at = live[Math.floor(random() * live.length)];
    if (at === undefined) {
      watch.outcome({ world: now[0], ends: endsOf(writers, now[1]) });
      return;
    }
    now = moved(now[0], now[1], { writers, at, dies: random() < deadly }, watch);
  }
  throw new Error("writers that come to no end");
}

/** Lets one writer go its way alone. */
export function alone<S, W>(start: W, writer: Writer<S, W>): W {
  let [world, state] = [start, writer.start];
  for (let steps = 0; writer.endOf(state) === null; steps += 1) {
    if (steps > 200) throw new Error("a writer that comes to no end");
    [world, state] = writer.step(world, state);
  }
  return world;
}

function moved<S, W>(
  world: W,
  standings: readonly Standing<S>[],
  {
    writers,
    at,
    dies,
  }: { readonly writers: readonly Writer<S, W>[]; readonly at: number; readonly dies: boolean },
  watch: Watch<W>,
): [W, readonly Standing<S>[]] {
  const [writer, state] = [writers[at], standings[at]];
  if (writer === undefined || state === undefined || state === null) throw new Error("no such writer");
  if (dies) return [world, standings.with(at, null)];
  const [after, next] = writer.step(world, state);
  watch.moment({ before: world, after });
  return [after, standings.with(at, next)];
}

function livingOf<S, W>(writers: readonly Writer<S, W>[], standings: readonly Standing<S>[]): number[] {
  return endsOf(writers, standings).flatMap((end, at) => (end === undefined ? [at] : []));
}

/** Undefined: it is on its way. */
function endsOf<S, W>(
  writers: readonly Writer<S, W>[],
  standings: readonly Standing<S>[],
): (string | null | undefined)[] {
  return standings.map((state, at) => (state === null ? null : (writers[at]?.endOf(state) ?? undefined)));
}
