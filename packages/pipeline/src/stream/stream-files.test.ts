import type { PlannedMember } from "@shardmill/core";
import { expect, it } from "vitest";
import { streamFiles } from "./stream-files.ts";

it("opens files as their turn comes, in order, and holds none of those that are far ahead or behind", async () => {
  const members = Array.from(
    { length: 100 },
    (_, position): PlannedMember => ({ position, name: `${position}.mp4`, at: {}, records: [] }),
  );
  const opened: number[] = [];
  const open = ({ position }: PlannedMember) => {
    opened.push(position);
    return { sizeBytes: 1, read: async () => ({ kind: "file" as const, bytes: Buffer.of(position) }) };
  };
  const options = { maxBytes: 10, onBytes: () => undefined };
  const streamed: number[] = [];
  for await (const { position } of streamFiles(members, open, options, new AbortController().signal)) {
    streamed.push(position);
    expect(opened.length).toBeLessThanOrEqual(streamed.length + 10);
  }
  expect(streamed).toEqual(members.map(({ position }) => position));
  expect(opened).toEqual(streamed);
});
