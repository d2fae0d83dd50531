import { describe, expect, it } from "vitest";
import { estimateWhole, type Tried, type TriedPart } from "./estimate-whole.ts";
import { type Reach, sumsOf } from "./spread.ts";

const part = (over: Partial<TriedPart> = {}): TriedPart => ({
  ...{ sourceBytes: 1_000_000, whole: 200, taken: 10, samples: 10, bytesRead: 60_000 },
  ...over,
});

/** A shard of members that came one by one: the first after so many seconds, and its own end takes a second. */
function shard(steps: readonly number[], bytes: readonly number[], firstS = 1) {
  const seconds = firstS + steps.reduce((sum, step) => sum + step, 0) + 1;
  const gave = sumsOf(bytes.map(() => 1));
  return { seconds, pace: { firstS, steps: sumsOf(steps), gave, bytes: sumsOf(bytes) } };
}

const sizes = [1000, 1100, 900, 1000, 1000, 1100, 900, 1000, 1000, 1000];
const even = new Array<number>(9).fill(0.2);
const idle = { processors: 2, others: 0 };

function tried(over: Partial<Tried> = {}): Tried {
  const shards = over.shards ?? [shard(even, sizes)];
  const busyS = shards.reduce((sum, { seconds }) => sum + seconds, 0);
  return { parts: [part()], shards, busyS, seconds: busyS + 4, samplesPerShard: 1000, load: idle, ...over };
}

const oneMegabyte = [1_000_000];
const widthOf = ({ low, about, high }: Reach): number => (high - low) / about;

describe("samples and disk of the whole", () => {
  it("go by what directories tell, with a spread around it", () => {
    const found = estimateWhole(tried(), oneMegabyte);
    expect(found?.samples).toEqual({ low: 180, about: 200, high: 220 });
    expect(found?.diskBytes.about).toBe(200_000);
    expect(found?.diskBytes.low).toBeLessThan(165_000);
    expect(found?.sourceBytes).toBe(1_000_000);
  });

  it("are sure of what was tried to the last member", () => {
    const all = part({ whole: 4, taken: 4, samples: 4 });
    const shards = [shard([0.2, 0.2, 0.2], sizes.slice(0, 4))];
    const found = estimateWhole(tried({ parts: [all], shards }), oneMegabyte);
    expect(found?.samples).toEqual({ low: 4, about: 4, high: 4 });
    expect(found?.diskBytes).toEqual({ low: 4_000, about: 4_000, high: 14_752 });
    // 539 blocks and the two at the end fill 27 times 20 blocks and begin another 20.
    const blocks = 539 * 512;
    const whole = estimateWhole(
      tried({ parts: [part({ whole: 1, taken: 1, samples: 1 })], shards: [shard([0.2], [blocks])] }),
      oneMegabyte,
    );
    expect(whole?.diskBytes.high).toBeGreaterThanOrEqual(28 * 10_240);
  });

  it("go by bytes where a stream was not read to its end", () => {
    const stream = part({ whole: null, bytesRead: 100_000 });
    expect(estimateWhole(tried({ parts: [stream] }), oneMegabyte)?.samples.about).toBe(100);
  });

  it("are less sure the more samples differ, and the fewer were seen", () => {
    const diskOf = (bytes: number[]) =>
      estimateWhole(tried({ shards: [shard(even, bytes)] }), oneMegabyte)?.diskBytes ?? reach0;
    const varied = sizes.map((size, at) => (at % 2 === 0 ? size : 4 * size));
    expect(widthOf(diskOf(varied))).toBeGreaterThan(widthOf(diskOf(sizes)));
    expect(widthOf(diskOf(sizes.slice(0, 2)))).toBeGreaterThan(widthOf(diskOf(sizes)));
    expect(diskOf([1000])).toMatchObject({ low: 0 });
  });

  it("are less sure where members give now one sample, now several", () => {
    const one = shard(even, sizes);
    const several = { ...one, pace: { ...one.pace, gave: sumsOf([1, 5, 1, 1, 9, 1, 1, 2, 1, 8]) } };
    const parts = [part({ samples: 30 })];
    const found = estimateWhole(tried({ parts, shards: [several] }), oneMegabyte)?.samples ?? reach0;
    expect(found.about).toBe(600);
    expect(widthOf(found)).toBeGreaterThan(1);
  });

  it("are less sure where parts were not tried, and least where they differ", () => {
    const spreadOf = (parts: TriedPart[], whole: number) => {
      const shards = parts.map(() => shard(even, sizes));
      const all = new Array<number>(whole).fill(1_000_000);
      return widthOf(estimateWhole(tried({ parts, shards }), all)?.samples ?? reach0);
    };
    const all = spreadOf([part(), part(), part()], 3);
    const some = spreadOf([part(), part({ whole: 210 }), part()], 50);
    expect(some).toBeGreaterThan(all);
    expect(spreadOf([part(), part({ whole: 400 }), part()], 50)).toBeGreaterThan(some);
  });

  it("are fewer where members give no sample; where none did, nothing is told", () => {
    const half = estimateWhole(tried({ parts: [part({ samples: 5 })] }), oneMegabyte);
    expect(half?.samples.about).toBe(100);
    expect(estimateWhole(tried({ parts: [part({ samples: 0 })], shards: [] }), [1])).toBeNull();
  });
});

describe("time of the whole", () => {
  const timeOf = (over: Partial<Tried>, parts = oneMegabyte) =>
    estimateWhole(tried(over), parts) ?? { seconds: reach0, pace: undefined };

  it("is what goes by whatever the size, and so much for each further member", () => {
    const { seconds, pace } = timeOf({});
    // 4 s around the shard, 1 s until its first member and 1 s for its end; 199 further members.
    expect(pace).toMatchObject({ fixedS: 6, samples: 10, loadFactor: 1.25 });
    expect(pace?.stepS).toBeCloseTo(0.2);
    expect(seconds.about).toBe(Math.round(6 + 199 * 0.2));
    // Nothing varied: what is left is how many members there are, and the machine.
    expect(seconds).toMatchObject({ low: 33, high: 63 });
  });

  it("is the less sure, the more the members' own times vary", () => {
    const varied = [0.1, 0.3, 0.1, 0.3, 0.1, 0.5, 0.1, 0.2, 0.1];
    const found = timeOf({ shards: [shard(varied, sizes)] }).seconds;
    expect(found.about).toBe(46);
    expect(widthOf(found)).toBeGreaterThan(widthOf(timeOf({}).seconds));
  });

  it("of a build that was tried whole is its own, but for the machine", () => {
    const all = part({ whole: 10 });
    const varied = [0.1, 0.3, 0.1, 0.3, 0.1, 0.5, 0.1, 0.2, 0.1];
    const { seconds } = timeOf({ parts: [all], shards: [shard(varied, sizes)] });
    expect(seconds).toEqual({ low: Math.floor(7.8 / 1.25), about: 8, high: Math.ceil(7.8 * 1.25) });
  });

  it("is less where others leave the machine, and more where as many come again", () => {
    const { pace, seconds } = timeOf({ load: { processors: 2, others: 1 } });
    expect(pace?.loadFactor).toBe(2);
    expect(seconds.low).toBeLessThan(25);
    expect(seconds.high).toBeGreaterThan(90);
    // However busy it was, and where it is not known.
    expect(timeOf({ load: { processors: 2, others: 2 } }).pace?.loadFactor).toBe(10);
    expect(timeOf({ load: null }).pace?.loadFactor).toBe(3);
  });

  it("of shards that were made side by side is counted once", () => {
    const shards = [shard(even, sizes), shard(even, sizes)];
    const [one] = shards;
    const busyS = one?.seconds ?? 0;
    const parts = [part(), part()];
    const { pace } = timeOf({ parts, shards, busyS, seconds: busyS + 4 }, [1_000_000, 1_000_000]);
    expect(pace?.stepS).toBeCloseTo(0.1);
    expect(pace?.fixedS).toBeCloseTo(6);
  });

  it("grows by the beginnings of parts and shards that were not tried, between nothing and in full", () => {
    const parts = new Array<TriedPart>(3).fill(part());
    const shards = parts.map(() => shard(even, sizes));
    const few = timeOf({ parts, shards }, new Array<number>(3).fill(1_000_000)).seconds;
    const many = timeOf({ parts, shards }, new Array<number>(300).fill(10_000)).seconds;
    expect(many.about).toBeGreaterThan(few.about + 200);
    expect(widthOf(many)).toBeGreaterThan(widthOf(few));
  });

  it("of one sample is hardly known", () => {
    const { seconds } = timeOf({ parts: [part({ taken: 1, samples: 1 })], shards: [shard([], [1000])] });
    expect(seconds.high).toBeGreaterThan(10 * seconds.low);
  });
});

const reach0 = { low: 0, about: 0, high: 0 };
