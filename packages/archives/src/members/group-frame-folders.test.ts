import { defaultRecipe, pickOfRun, reject, type StreamedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { groupFrameFolders } from "./group-frame-folders.ts";

const signal = new AbortController().signal;

function file(position: number, name: string, sizeBytes = 1): StreamedMember {
  const bytes = new Uint8Array(sizeBytes).fill(position);
  return { position, name, kind: "member", content: { kind: "file", bytes }, sizeBytes };
}

interface Grouping {
  readonly maxFrames?: number;
  readonly overflow?: "truncate" | "uniform";
  readonly maxBytes?: number;
}

async function grouped(
  members: StreamedMember[],
  { maxFrames = 64, overflow = "truncate", maxBytes }: Grouping = {},
): Promise<StreamedMember[]> {
  const tape = (async function* () {
    yield* members;
  })();
  const settings = { ...defaultRecipe, maxFrames, overflow };
  const options = {
    pick: (count: number) => pickOfRun({ count, fps: null }, settings),
    onlyFirst: overflow === "truncate" ? maxFrames : null,
    maxBytes,
  };
  return collect(groupFrameFolders(tape, options, signal));
}

/** Position, name, and the first byte of each image: here the position of the entry that it came from. */
function told(members: readonly StreamedMember[]): [number, string, unknown][] {
  return members.map((member) => {
    if (member.kind === "rejected") return [member.position, member.name, member.rejection.code];
    const { content } = member;
    return [
      member.position,
      member.name,
      content.kind === "images" ? content.images.map((image) => image?.[0]) : content.kind,
    ];
  });
}

describe("groupFrameFolders", () => {
  it("makes one member of a run of images in a folder, in numeric order, and lets others through", async () => {
    const members = [
      file(1, "task/v1/10.jpg"),
      file(2, "task/v1/9.jpg"),
      file(3, "task/v1/1.PNG"),
      file(4, "task/v2/frame_1.webp"),
      file(5, "task/clip.mp4"),
      file(6, "alone.jpg"),
      file(7, "task/v3/1.jpg"),
    ];
    expect(told(await grouped(members))).toEqual([
      [1, "task/v1", [3, 2, 1]],
      [4, "task/v2", [4]],
      [5, "task/clip.mp4", "file"],
      [6, "alone.jpg", "file"],
      [7, "task/v3", [7]],
    ]);
  });

  it("keeps the first maxFrames in order whatever the order on the tape, or spreads them evenly", async () => {
    const names = Array.from({ length: 40 }, (_, index) => file(index, `v/${(index * 7) % 40}.jpg`));
    const numbers = (members: StreamedMember[]): unknown => {
      const positions = told(members)[0]?.[2];
      return Array.isArray(positions) ? positions.map((position) => (Number(position) * 7) % 40) : positions;
    };
    expect(numbers(await grouped(names, { maxFrames: 4 }))).toEqual([0, 1, 2, 3]);
    expect(numbers(await grouped(names, { maxFrames: 4, overflow: "uniform" }))).toEqual([5, 15, 25, 35]);
  });

  it("picks frames by core's natural order, which no locale changes: capitals first, accents last, 40 digits whole", async () => {
    const long = "1".repeat(40);
    const names = ["é1", "b10", "b9", "B9", `b${long}2`, `b${long}1`, "b09"];
    const members = names.map((name, index) => file(index, `v/${name}.jpg`));
    expect(told(await grouped(members))).toEqual([[0, "v", [3, 6, 2, 1, 5, 4, 0]]]);
    expect(told(await grouped(members, { maxFrames: 3 }))).toEqual([[0, "v", [3, 6, 2]]]);
  });

  it("is not disturbed by macOS attribute files, which are told apart", async () => {
    const members = [file(0, "v/._1.jpg"), file(1, "v/1.jpg"), file(2, "v/._2.jpg"), file(3, "v/2.jpg")];
    expect(told(await grouped(members))).toEqual([
      [0, "v/._1.jpg", "not_media"],
      [1, "v", [1, 3]],
      [2, "v/._2.jpg", "not_media"],
    ]);
  });

  it("leaves out a run with an image that could not be read, under its code", async () => {
    const broken: StreamedMember = {
      position: 2,
      name: "v/2.jpg",
      kind: "rejected",
      rejection: reject("empty_member", "zero"),
    };
    const members = await grouped([file(1, "v/1.jpg"), broken, file(3, "v/3.jpg"), file(4, "w/1.jpg")]);
    expect(told(members)).toEqual([
      [1, "v", "empty_member"],
      [4, "w", [4]],
    ]);
  });

  it("holds no more of a folder than maxBytes", async () => {
    const frames = Array.from({ length: 100 }, (_, index) => file(index, `v/${index}.jpg`, 1000));
    expect(told(await grouped(frames, { overflow: "uniform", maxBytes: 50_000 }))).toEqual([
      [0, "v", "too_large"],
    ]);
    expect(told(await grouped(frames, { maxFrames: 10, maxBytes: 50_000 }))[0]?.[2]).toHaveLength(10);
  });
});
