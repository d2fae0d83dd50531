import { describe, expect, it } from "vitest";
import { codes } from "./codes.ts";
import { Failure, isCancellation, reject } from "./failure.ts";

describe("a failure", () => {
  it("is retried as its code says, unless it says otherwise itself", () => {
    expect(new Failure("source_unreachable", "no answer").retry).toBe("later");
    expect(new Failure("source_gated", "terms").retry).toBe("never");
    expect(new Failure("source_unreachable", "no such host", { retry: "never" }).retry).toBe("never");
    expect(new Failure("source_gated", "being granted", { retry: "later" }).retry).toBe("later");
  });

  it("learns its place on the way up: what was known before wins, and nothing else changes", () => {
    const cause = new Error("ECONNRESET");
    const first = new Failure("source_rate_limited", "429", {
      where: { path: "a.zip", part: "p0001" },
      retry: "never",
      retryAfterMs: 1_500,
      cause,
    });
    const later = first.at({ dataset: "toy", part: "p0002" });
    expect(later).toMatchObject({
      name: "Failure",
      code: "source_rate_limited",
      message: "429",
      retry: "never",
      retryAfterMs: 1_500,
      where: { dataset: "toy", part: "p0001", path: "a.zip" },
    });
    expect(later.cause).toBe(cause);
    expect(first.where).toEqual({ path: "a.zip", part: "p0001" });
    expect(later).toBeInstanceOf(Failure);
  });

  it("keeps a wait of nought apart from none at all", () => {
    expect(new Failure("source_rate_limited", "429", { retryAfterMs: 0 }).at({}).retryAfterMs).toBe(0);
    expect(new Failure("source_rate_limited", "429").at({}).retryAfterMs).toBeNull();
  });

  it("has no cause of its own where nothing caused it", () => {
    expect(Object.hasOwn(new Failure("wrong_use", "no"), "cause")).toBe(false);
  });

  it("is one line for a terminal: message, code and remedy", () => {
    expect(new Failure("output_full", "no space on /out").oneLine()).toBe(
      `no space on /out (output_full): ${codes.output_full.remedy}`,
    );
  });
});

describe("a rejection", () => {
  it("is one line of at most 500 characters, whatever the source's text in it", () => {
    expect(reject("not_media", " expected a video,\n\tfound \r\n a text ")).toEqual({
      code: "not_media",
      detail: "expected a video, found a text",
    });
    expect(reject("not_media", "x".repeat(600)).detail).toBe("x".repeat(500));
  });
});

describe("a cancellation", () => {
  const stopped = new Error("stopped");
  const abortError = Object.assign(new Error("aborted"), { name: "AbortError" });
  const aborted = AbortSignal.abort(stopped);
  const running = new AbortController().signal;

  it.each([
    ["the signal's own reason", stopped, aborted, true],
    ["an AbortError after the signal aborted", abortError, aborted, true],
    ["a failure that came while it was stopping", new Failure("output_io", "EIO"), aborted, false],
    ["an error that only reads the same", new Error("stopped"), aborted, false],
    ["an AbortError that nobody asked for", abortError, running, false],
    ["undefined, though the signal has no reason yet", undefined, running, false],
  ])("%s: %s", (_, error, signal, expected) => {
    expect(isCancellation(error, signal)).toBe(expected);
  });
});
