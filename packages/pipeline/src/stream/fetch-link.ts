import { isMediaContent } from "@shardmill/archives";
import { mediaFileOf, type PlannedMember, type Rejection, reject } from "@shardmill/core";
import { Attempts, type FetchedUrl, fetchUrl } from "@shardmill/sources";
import { z } from "zod";
import type { BuildContext } from "../context/build-context.ts";
import type { HeldBytes } from "./held-bytes.ts";
import { HostSlots } from "./host-slots.ts";

const linkAddress = z.object({ url: z.string() });

const linkBounds = {
  /** Of one link, for faults that may pass at once: a cut connection, a busy server. */
  maxAttempts: 3,
  /** A server that wants us to wait longer holds up no shard: its links are dead for now, and a retry comes later. */
  longestWaitMs: 60_000,
  doRateLimitsCount: true,
};

export type FetchedLink =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** The media of one row of a URL list. `place` is its place among those that are fetched side by side and handed on in order. */
export async function fetchLink(
  context: BuildContext,
  member: PlannedMember,
  { held, place }: { readonly held: HeldBytes; readonly place: number },
  signal: AbortSignal,
): Promise<FetchedLink> {
  const { url } = linkAddress.parse(member.at);
  const { gate, clock, firstBackoffMs = 500 } = context.surroundings;
  const attempts = new Attempts({ ...linkBounds, firstBackoffMs }, { gate, clock });
  for (;;) {
    const fetched = await fetchOnce(context, url, { held, place }, signal);
    if (fetched.kind === "bytes") return judged(context, fetched);
    held.giveBack(place);
    const { rejection, isTransient, waitMs } = fetched;
    if (!isTransient) return { kind: "rejected", rejection };
    // One that asks for a slower pace means all of us; a fault is this link's own.
    const step = attempts.next({ isRateLimit: waitMs !== null, waitMs, isExpected: false });
    if (step.kind === "give-up") return { kind: "rejected", rejection };
    await attempts.wait(step, hostOf(url), signal);
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
      // The one that is handed on next may need the slot to get through.
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
  if (wanted !== null && isMediaContent(bytes, wanted)) return { kind: "bytes", bytes };
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
