import { isFrame, packedSuffix, type Sample } from "./sample.ts";
import type { LocatedMember } from "./tar-header-walk.ts";

/**
 * The pictures that a sample shows, in any layout, without those that only fill it up. `metadata` is its JSON; where its offsets do not
 * fit the file there are none, which `verify` tells.
 */
export function framesOf(
  { members }: Pick<Sample, "members">,
  metadata: unknown,
): { readonly name: string; readonly jpeg: Uint8Array }[] {
  const sized = members.map((member) => ({ ...member, sizeBytes: member.bytes.length }));
  return framePlaces(sized, metadata).map(({ member: { bytes }, name, from, to }) => ({
    name,
    jpeg: bytes.subarray(from, to),
  }));
}

/** Those of a sample in a tar, each by where it lies. */
export function locatedFrames(members: readonly LocatedMember[], metadata: unknown): LocatedMember[] {
  return framePlaces(members, metadata).map(({ member: { dataOffset }, name, from, to }) => ({
    suffix: name,
    dataOffset: dataOffset + from,
    sizeBytes: to - from,
  }));
}

/** How a sample's pictures lie, as its files and its JSON tell. */
export function layoutSeen(
  members: readonly { readonly suffix: string }[],
  metadata: unknown,
): "frames" | "packed" | "fixed" {
  if (members.some(({ suffix }) => suffix === packedSuffix)) return "packed";
  return fieldOf(metadata, "frame_padding") === undefined ? "frames" : "fixed";
}

/** Where one picture lies: bytes of one of a sample's members. */
interface FramePlace<Member> {
  readonly member: Member;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

interface Sized {
  readonly suffix: string;
  readonly sizeBytes: number;
}

function framePlaces<Member extends Sized>(
  members: readonly Member[],
  metadata: unknown,
): FramePlace<Member>[] {
  const packed = members.find(({ suffix }) => suffix === packedSuffix);
  if (packed !== undefined) return packedPlaces(packed, metadata);
  const files = members.filter(({ suffix }) => isFrame(suffix));
  return files
    .slice(0, Math.max(0, files.length - paddingOf(metadata)))
    .map((member) => ({ member, name: member.suffix, from: 0, to: member.sizeBytes }));
}

function packedPlaces<Member extends Sized>(member: Member, metadata: unknown): FramePlace<Member>[] {
  const offsets = offsetsOf(metadata, member.sizeBytes);
  return offsets.slice(1).map((to, at) => ({
    member,
    name: `${member.suffix}[${at}]`,
    from: offsets[at] ?? 0,
    to,
  }));
}

/** Where each picture begins, and where the last one ends. */
function offsetsOf(metadata: unknown, sizeBytes: number): number[] {
  const offsets = fieldOf(metadata, "frame_offsets");
  if (!Array.isArray(offsets) || !offsets.every((one) => Number.isSafeInteger(one))) return [];
  const isRising = offsets.every((one, at) => at === 0 || one > offsets[at - 1]);
  return offsets[0] === 0 && offsets.at(-1) === sizeBytes && isRising ? offsets : [];
}

function paddingOf(metadata: unknown): number {
  const padding = fieldOf(metadata, "frame_padding");
  return typeof padding === "number" && Number.isSafeInteger(padding) && padding > 0 ? padding : 0;
}

function fieldOf(metadata: unknown, name: string): unknown {
  if (typeof metadata !== "object" || metadata === null || !Object.hasOwn(metadata, name)) return undefined;
  return Object.entries(metadata).find(([key]) => key === name)?.[1];
}
