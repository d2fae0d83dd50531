import { isMediaContent } from "@shardmill/archives";
import { mediaFileOf, type PlannedMember, type Rejection, reject } from "@shardmill/core";
import { type FetchedUrl, fetchUrl } from "@shardmill/sources";
import { z } from "zod";
import type { BuildContext } from "../build/context.ts";
import type { HeldBytes } from "./held-bytes.ts";
import { HostSlots } from "./host-slots.ts";

const linkAddress = z.object({ url: z.string() });

/** Of one link, for faults that may pass at once: a cut connection, a busy server. */
const attempts = 3;
/** A server that wants us to wait longer holds up no shard: its links are dead for now, and a retry comes later. */
const longestWaitMs = 60_000;

export type FetchedLink =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** The media of one row of a URL list. `place` is its place in line among those that are fetched side by side. */
export async function fetchLink(
  context: BuildContext,
  member: PlannedMember,
  { held, place }: { readonly held: HeldBytes; readonly place: number },
  signal: AbortSignal,
): Promise<FetchedLink> {
  const { url } = linkAddress.parse(member.at);
  for (let attempt = 1; ; attempt += 1) {
    const fetched = await fetchOnce(context, url, { held, place }, signal);
    if (fetched.kind === "bytes") return judged(context, fetched);
    held.giveBack(place);
    const { rejection, isTransient } = fetched;
    const waitMs = fetched.waitMs ?? (context.surroundings.firstBackoffMs ?? 500) * 2 ** (attempt - 1);
    if (!isTransient || attempt === attempts || waitMs > longestWaitMs)
      return { kind: "rejected", rejection };
    // One that asks for a slower pace means all of us; a fault is this link's own.
    if (fetched.waitMs !== null) await context.surroundings.gate.pause(hostOf(url), waitMs);
    else await context.surroundings.clock.sleep(waitMs, signal);
  }
}

async function fetchOnce(
  context: BuildContext,
  url: string,
  { held, place }: { readonly held: HeldBytes; readonly place: number },
  signal: AbortSignal,
): Promise<FetchedUrl> {
  const { gate, allowPrivateUrls } = context.surroundings;
  const host = hostOf(url);
  await held.take(place, 0, signal);
  await gate.pass(host, signal);
  const leave = await slotsOf(context).enter(host, signal);
  const settings = {
    maxBytes: context.build.recipe.limits.maxBytes,
    timeoutMs: context.dataset.fetch.timeoutS * 1000,
    allowPrivate: allowPrivateUrls ?? false,
    admit: async (bytes: number, stop: AbortSignal) => {
      const waiting = held.take(place, bytes, stop);
      if (waiting === null) return;
      // Whoever is first in line may need the slot to get through.
      leave();
      await waiting;
    },
  };
  return fetchUrl(url, settings, signal).finally(leave);
}

function judged(
  { dataset }: BuildContext,
  { bytes, contentType }: Extract<FetchedUrl, { kind: "bytes" }>,
): FetchedLink {
  if (bytes.length === 0)
    return { kind: "rejected", rejection: reject("empty_member", "the answer has no bytes") };
  const wanted = mediaFileOf(dataset.media);
  if (isMediaContent(bytes, wanted)) return { kind: "bytes", bytes };
  const found = `expected a ${wanted}, found ${contentType ?? "something else"}`;
  return { kind: "rejected", rejection: reject("not_media", found) };
}

/** For pace and slots only; what is no address is refused by whoever fetches it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

const opened = new WeakMap<BuildContext, HostSlots>();

/** Shared by all shards of a build in this process. */
function slotsOf(context: BuildContext): HostSlots {
  const slots = opened.get(context) ?? new HostSlots(context.dataset.fetch);
  opened.set(context, slots);
  return slots;
}
