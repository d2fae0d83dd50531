import {
  type ByteSource,
  Failure,
  type MemberContent,
  type PartPlan,
  type PlannedMember,
  pathInPlace,
  readAll,
  reject,
  Semaphore,
  type StreamedMember,
} from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { orderedMap } from "./ordered-map.ts";

/** A member that lies in a file of its own, or in several. */
export interface LooseMember {
  readonly sizeBytes: number;
  read(signal: AbortSignal): Promise<MemberContent>;
}

/** Small files wait for each other's answers, not for bytes: so many are asked for at once. */
const filesAtOnce = 8;
const readAheadBytes = 64 * 1024 * 1024;

/** Members that lie one by one, in their order, some read ahead. */
export function streamFiles(
  members: readonly PlannedMember[],
  open: (member: PlannedMember) => LooseMember,
  options: { readonly maxBytes: number; readonly onBytes: (bytes: number) => void },
  signal: AbortSignal,
): AsyncIterable<StreamedMember> {
  const budget = new Semaphore(readAheadBytes);
  return orderedMap(
    () => opened(members, open),
    async ({ member: { position, name }, file }, stop): Promise<StreamedMember> => {
      const { sizeBytes } = file;
      if (sizeBytes === 0)
        return { position, name, kind: "rejected", rejection: reject("empty_member", "the file is empty") };
      if (sizeBytes > options.maxBytes) {
        const detail = `${sizeBytes} bytes, above limits.maxBytes = ${options.maxBytes}`;
        return { position, name, kind: "rejected", rejection: reject("too_large", detail) };
      }
      const content = await file.read(stop);
      options.onBytes(sizeBytes);
      return { position, name, kind: "member", content, sizeBytes };
    },
    {
      bytesOf: ({ file }) => Math.min(file.sizeBytes, options.maxBytes),
      budget,
      window: filesAtOnce,
      signal,
    },
  );
}

/** Each when its turn comes, so that what it holds is there no longer than it is needed. */
async function* opened(members: readonly PlannedMember[], open: (member: PlannedMember) => LooseMember) {
  for (const member of members) yield { member, file: open(member) };
}

/** A file of the source. */
export function sourceFile(
  { source, dataset }: BuildContext,
  { pieces }: PartPlan,
  { position, name }: PlannedMember,
): LooseMember {
  const piece = pieces[position];
  if (piece === undefined || pathInPlace(dataset, piece.path) !== name)
    throw new Failure("record_invalid", `the plan has no file ${name}`, { where: { member: name } });
  const bytes: ByteSource = source.open(piece);
  return {
    sizeBytes: piece.sizeBytes,
    read: async (signal) => ({
      kind: "file",
      bytes: await readAll(bytes, { start: 0, end: piece.sizeBytes }, signal),
    }),
  };
}
