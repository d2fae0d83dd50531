import type { Answer } from "./ask.ts";
import type { Net } from "./net.ts";
import { waitAskedMs } from "./wait-asked.ts";

/** An empty bucket in a good answer: the next request would be refused, so everybody waits now. */
export async function slowDownIfAsked({ gate, clock }: Net, { headers, url }: Answer): Promise<void> {
  const waitMs = headers.has("ratelimit") ? waitAskedMs(headers, clock.now()) : null;
  if (waitMs !== null) await gate.pause(url.host, waitMs);
}
