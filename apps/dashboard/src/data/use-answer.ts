import type { Problem } from "@shardmill/api/contract";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "./ask.ts";
import { useLive } from "./use-live.ts";

export interface Answer<T> {
  /** The last good answer; it stays while a newer one is asked for, or cannot be had. */
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly again: () => void;
}

/** Changes of a busy build arrive many times a second; the page asks at most this often. */
const restMs = 1_000;

/** One answer of the API, asked for again when the service says that its dataset changed or came back. */
export function useAnswer<T>(
  path: string,
  dataset: string | null = null,
  everyMs: number | null = null,
): Answer<T> {
  const live = useLive();
  const [state, setState] = useState<{ path: string; data: T | null; problem: Problem | null }>({
    path,
    data: null,
    problem: null,
  });
  const [turn, setTurn] = useState(0);
  const askedAt = useRef(0);
  const version = dataset === null ? 0 : (live.versions.get(dataset) ?? 0);
  useEffect(() => {
    const stop = new AbortController();
    const load = (): void => {
      askedAt.current = Date.now();
      ask<T>(path, { signal: stop.signal }).then(
        (data) => setState({ path, data, problem: null }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const problem = problemOf(error);
          setState((before) => ({ path, data: before.path === path ? before.data : null, problem }));
        },
      );
    };
    const wait = state.path === path ? Math.max(0, askedAt.current + restMs - Date.now()) : 0;
    const first = setTimeout(load, wait);
    const timer = everyMs === null ? undefined : setInterval(load, everyMs);
    return () => {
      stop.abort();
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [path, turn, live.epoch, version, everyMs]);
  const again = useCallback(() => setTurn((count) => count + 1), []);
  return state.path === path
    ? { data: state.data, problem: state.problem, again }
    : { data: null, problem: null, again };
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem;
  return {
    code: "page",
    message: "the page met an error",
    remedy: error instanceof Error ? error.message : "reload it",
  };
}
