import { sampleText } from "@shardmill/catalogue";
import { outcomeOf, type PlannedMember, reject, Semaphore, type StreamedMember } from "@shardmill/core";
import { filteredByRecords } from "../annotations/where-records.ts";
import type { BuildContext } from "../context/build-context.ts";
import { type FetchedLink, fetchLink } from "./fetch-link.ts";
import { HeldBytes } from "./held-bytes.ts";
import { LinkMemory } from "./link-memory.ts";
import { orderedMap } from "./ordered-map.ts";
import { SameLinks } from "./same-links.ts";

/** What came of links that are not handed on yet. */
const heldLimitBytes = 256 * 1024 * 1024;

/** Links ahead for each that may be under way: one that does not answer must not leave the others' places empty. */
const ahead = 4;

/** The media of a URL list's rows, in their order, fetched side by side. */
export async function* streamLinks(
  context: BuildContext,
  { members, shard }: { readonly members: readonly PlannedMember[]; readonly shard: string },
  options: { readonly onBytes: (bytes: number) => void },
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const memory = await LinkMemory.open(context, shard, members);
  const held = new HeldBytes(heldLimitBytes);
  const same = new SameLinks(members);
  const fetched = orderedMap(
    () => inOrder(members),
    async ({ member, place }, stop) => {
      const streamed = await streamLink(context, member, { held, place, memory, same }, stop);
      if (streamed.kind === "member") options.onBytes(streamed.sizeBytes);
      return streamed;
    },
    { bytesOf: () => 0, budget: new Semaphore(1), window: context.dataset.fetch.atOnce * ahead, signal },
  );
  let place = 0;
  for await (const streamed of fetched) {
    yield streamed;
    held.handOn(place);
    place += 1;
  }
}

interface Order {
  readonly held: HeldBytes;
  readonly place: number;
  readonly memory: LinkMemory;
  readonly same: SameLinks;
}

async function streamLink(
  context: BuildContext,
  member: PlannedMember,
  order: Order,
  signal: AbortSignal,
): Promise<StreamedMember> {
  const { position, name } = member;
  const { problem } = member.at;
  if (typeof problem === "string")
    return { position, name, kind: "rejected", rejection: reject("annotation_invalid", problem) };
  // Without a text, or where its fields are not asked for, there is no sample, so nothing has to be fetched.
  const text = sampleText(context.dataset, member.records);
  if (text.kind === "rejected" && outcomeOf(text.rejection.code) === "skipped")
    return { position, name, kind: "rejected", rejection: text.rejection };
  const filtered = filteredByRecords(
    { dataset: context.dataset, recipe: context.build.recipe },
    name,
    member.records,
  );
  if (filtered !== null) return { position, name, kind: "rejected", rejection: filtered };
  const link = await answered(context, member, order, signal);
  if (link.kind === "rejected") return { position, name, kind: "rejected", rejection: link.rejection };
  const { bytes } = link;
  return { position, name, kind: "member", content: { kind: "file", bytes }, sizeBytes: bytes.length };
}

/** What came of a member's link: known from before, as another row had it, or asked for now. */
async function answered(
  context: BuildContext,
  member: PlannedMember,
  { memory, held, place, same }: Order,
  signal: AbortSignal,
): Promise<FetchedLink> {
  const known = memory.known(member.position);
  if (known !== null) return same.answer(member, async () => ({ kind: "rejected", rejection: known }));
  let isOwn = false;
  const link = await same.answer(member, () => {
    isOwn = true;
    return fetchLink(context, member, { held, place }, signal);
  });
  if (link.kind === "bytes" && !isOwn) await held.take(place, link.bytes.length, signal);
  if (link.kind === "rejected") await memory.remember(member.position, link.rejection);
  return link;
}

async function* inOrder(
  members: readonly PlannedMember[],
): AsyncGenerator<{ readonly member: PlannedMember; readonly place: number }> {
  for (const [place, member] of members.entries()) yield { member, place };
}
