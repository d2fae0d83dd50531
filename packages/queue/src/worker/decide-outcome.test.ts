import { Failure } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { defaultQueueSettings as settings } from "../queue-settings.ts";
import { decideOutcome } from "./decide-outcome.ts";

const fresh = { stopped: null, attempt: 1, attempts: 5 };

describe("what becomes of a job whose handler threw", () => {
  it.each([
    ["shutdown", { kind: "hand_back" }],
    ["lock_lost", { kind: "leave" }],
    ["cancel", { kind: "drop" }],
    ["pause", { kind: "put_off", why: "pause", forMs: settings.pauseRecheckMs, message: null }],
  ] as const)("a stop for %s outweighs whatever was thrown on the way out", (stopped, outcome) => {
    const thrown = new Failure("archive_malformed", "cut off");
    expect(decideOutcome(thrown, { ...fresh, stopped }, settings)).toEqual(outcome);
  });

  it("a failure that says never is final at the first attempt", () => {
    const thrown = new Failure("source_gated", "terms", { where: { url: "https://x" } });
    expect(decideOutcome(thrown, fresh, settings)).toEqual({
      kind: "fail",
      failure: { code: "source_gated", message: "terms", where: { url: "https://x" } },
    });
  });

  it("the failure's own retry counts, not its code's usual one", () => {
    const never = new Failure("source_unreachable", "no such host", { retry: "never" });
    const later = new Failure("source_gated", "being granted", { retry: "later" });
    expect(decideOutcome(never, fresh, settings).kind).toBe("fail");
    expect(decideOutcome(later, fresh, settings).kind).toBe("retry");
  });

  it("waits double from attempt to attempt, up to the bound", () => {
    const thrown = new Failure("source_unreachable", "no answer");
    const waits = [1, 2, 3, 4, 9, 19].map((attempt) => {
      const outcome = decideOutcome(thrown, { stopped: null, attempt, attempts: 20 }, settings);
      return outcome.kind === "retry" ? outcome.afterMs : null;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 256_000, 300_000]);
  });

  it("the last attempt is final", () => {
    const thrown = new Failure("source_unreachable", "no answer");
    expect(decideOutcome(thrown, { ...fresh, attempt: 5 }, settings).kind).toBe("fail");
  });

  it("a bug is tried again and has no code", () => {
    expect(decideOutcome(new TypeError("x is undefined"), fresh, settings)).toEqual({
      kind: "retry",
      afterMs: 1_000,
      failure: { code: null, message: "TypeError: x is undefined", where: {} },
    });
  });

  it.each(["toolchain_mismatch", "output_differs"] as const)(
    "what a worker refuses (%s) goes back for the right one",
    (code) => {
      expect(decideOutcome(new Failure(code, "0.2.0"), fresh, settings)).toEqual({
        kind: "refuse",
        why: code,
        message: "0.2.0",
      });
    },
  );

  it("a rate limit slows all down as long as was asked, a full disk puts off", () => {
    const limited = new Failure("source_rate_limited", "429", { retryAfterMs: 1_234 });
    expect(decideOutcome(limited, fresh, settings)).toMatchObject({ kind: "slow_down", forMs: 1_234 });
    const last = { ...fresh, attempt: 5 };
    expect(decideOutcome(new Failure("output_full", "ENOSPC"), last, settings)).toEqual({
      kind: "put_off",
      why: "output_full",
      forMs: settings.fullDiskWaitMs,
      message: "ENOSPC",
    });
  });

  it("a wait that the other side asked for is kept, above our own bound too, and never makes ours shorter", () => {
    const asking = (retryAfterMs: number) => new Failure("source_unreachable", "503", { retryAfterMs });
    const afterMs = (retryAfterMs: number) => {
      const outcome = decideOutcome(asking(retryAfterMs), fresh, settings);
      return outcome.kind === "retry" ? outcome.afterMs : null;
    };
    expect(afterMs(settings.backoffMaxMs + 7)).toBe(settings.backoffMaxMs + 7);
    expect(afterMs(settings.backoffBaseMs - 1)).toBe(settings.backoffBaseMs);
    expect(afterMs(0)).toBe(settings.backoffBaseMs);
  });

  it("neither a rate limit nor a full disk nor another version uses up an attempt, the last one included", () => {
    const last = { ...fresh, attempt: fresh.attempts };
    const kinds = (["source_rate_limited", "output_full", "toolchain_mismatch"] as const).map(
      (code) => decideOutcome(new Failure(code, "no"), last, settings).kind,
    );
    expect(kinds).toEqual(["slow_down", "put_off", "refuse"]);
  });

  it("waits as long as it says itself where nobody asked, and at least a moment", () => {
    const limited = (retryAfterMs?: number) =>
      decideOutcome(
        new Failure("source_rate_limited", "429", retryAfterMs === undefined ? {} : { retryAfterMs }),
        fresh,
        settings,
      );
    expect(limited()).toMatchObject({ forMs: settings.rateLimitWaitMs });
    expect(limited(0)).toMatchObject({ forMs: 1 });
    const full = new Failure("output_full", "ENOSPC", { retryAfterMs: 77 });
    expect(decideOutcome(full, fresh, settings)).toMatchObject({ kind: "put_off", forMs: 77 });
  });

  it("a bug at the last attempt is final, and told as it was thrown", () => {
    const last = { ...fresh, attempt: fresh.attempts };
    expect(decideOutcome("no error at all", last, settings)).toMatchObject({
      kind: "fail",
      failure: { code: null, message: expect.stringContaining("no error at all") },
    });
  });
});
