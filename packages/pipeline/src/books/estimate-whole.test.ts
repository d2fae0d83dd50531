import { expect, it } from "vitest";
import { estimateWhole, type TriedPart } from "./estimate-whole.ts";

const part = (over: Partial<TriedPart> = {}): TriedPart => ({
  ...{ sourceBytes: 1_000_000, whole: 200, taken: 10, samples: 10, bytesRead: 60_000 },
  ...over,
});
const times = { busyS: 2, aroundS: 4 };
const sizes = [1000, 1100, 900, 1000];

it("goes by what directories tell, and tells a spread around it", () => {
  const found = estimateWhole({ parts: [part()], sampleBytes: sizes, ...times }, [1_000_000]);
  expect(found?.samples).toEqual({ low: 180, about: 200, high: 220 });
  expect(found?.diskBytes.about).toBe(200_000);
  expect(found?.diskBytes.low).toBeLessThan(160_000);
  expect(found?.seconds.about).toBe(44);
  expect(found?.sourceBytes).toBe(1_000_000);
});

it("is sure of what was tried to the last member", () => {
  const all = part({ whole: 4, taken: 4, samples: 4 });
  const found = estimateWhole({ parts: [all], sampleBytes: sizes, ...times }, [1_000_000]);
  expect(found?.samples).toEqual({ low: 4, about: 4, high: 4 });
  expect(found?.diskBytes).toEqual({ low: 4_000, about: 4_000, high: 14_240 });
});

it("goes by bytes where a stream was not read to its end", () => {
  const stream = part({ whole: null, bytesRead: 100_000 });
  expect(estimateWhole({ parts: [stream], sampleBytes: sizes, ...times }, [1_000_000])?.samples.about).toBe(
    100,
  );
});

it("has a wider spread where parts were not tried, and the widest where they differ", () => {
  const spreadOf = (parts: TriedPart[], whole: number) => {
    const found = estimateWhole(
      { parts, sampleBytes: sizes, ...times },
      new Array<number>(whole).fill(1_000_000),
    );
    return found === null ? 0 : (found.samples.high - found.samples.low) / found.samples.about;
  };
  const all = spreadOf([part(), part()], 2);
  const some = spreadOf([part(), part({ whole: 210 })], 50);
  expect(some).toBeGreaterThan(all);
  expect(spreadOf([part(), part({ whole: 400 })], 50)).toBeGreaterThan(some);
});

it("members that give no sample make fewer of the whole; where none did, nothing is told", () => {
  const half = estimateWhole({ parts: [part({ samples: 5 })], sampleBytes: sizes, ...times }, [1_000_000]);
  expect(half?.samples.about).toBe(100);
  expect(estimateWhole({ parts: [part({ samples: 0 })], sampleBytes: [], ...times }, [1])).toBeNull();
});
