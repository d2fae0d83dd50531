import { expect, it } from "vitest";
import { aDataset } from "../testing/records.ts";
import { expectedMembers } from "./expected-members.ts";

it("are those of the catalogue, of parts of about the size that it has them of", () => {
  const { expected } = aDataset();
  const dataset = { expected: { ...expected, membersPerPart: 5500, partBytes: 40_000_000_000 } };
  for (const bytes of [10_000_000_000, 40_000_000_000, 160_000_000_000])
    expect(expectedMembers(dataset, bytes)).toBe(5500);
  for (const bytes of [721_000, 9_000_000_000, 200_000_000_000])
    expect(expectedMembers(dataset, bytes)).toBeNull();
  // Where it has no size, it goes by none; and where it has no number, nothing is expected.
  expect(expectedMembers({ expected: { ...expected, membersPerPart: 45 } }, 1)).toBe(45);
  expect(expectedMembers({ expected }, 1)).toBeNull();
});
