import type { Problem } from "@shardmill/api/contract";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask, Refusal } from "./ask.ts";
import { Newest } from "./newest.ts";
import { useLive } from "./use-live.ts";

export interface Answer<T> {
  /** The last good answer; it stays while a newer one is asked for, or cannot be had. */
  readonly data: T | null;
  /** The last good answer of whatever address was asked before, to stand until the first of this one arrives. */
  readonly older: T | null;
  readonly problem: Problem | null;
  /** It was asked for since the service was last heard: nothing that is older is offered as a thing to do. */
  readonly isCurrent: boolean;
  readonly again: () => void;
}

/** Changes of a busy build arrive many times a second; the page asks at most this often. */
const restMs = 1_000;
const limitMs = 60_000;

interface Told<T> {
  readonly path: string;
  readonly data: T | null;
  readonly older: T | null;
  readonly problem: Problem | null;
  readonly epoch: number;
}

/** One answer of the API, asked for again when the service says that its dataset changed or came back. */
export function useAnswer<T>(
  path: string,
  dataset: string | null = null,
  everyMs: number | null = null,
): Answer<T> {
  const live = useLive();
  const [told, setTold] = useState<Told<T>>({ path, data: null, older: null, problem: null, epoch: -1 });
  const newest = useRef<Newest<{ data: T; epoch: number }> | null>(null);
  const version = dataset === null ? 0 : (live.versions.get(dataset) ?? 0);
  const news = `${live.epoch}/${version}`;
  const heardNews = useRef(news);
  useEffect(() => {
    const asking = new Newest<{ data: T; epoch: number }>({
      ask: async (signal) => {
        const { epoch } = live;
        return { data: await ask<T>(path, { signal }), epoch };
      },
      heard: ({ data, epoch }) => setTold({ path, data, older: data, problem: null, epoch }),
      refused: (error) => setTold((before) => refusedAfter(before, path, problemOf(error))),
      restMs,
      limitMs,
    });
    newest.current = asking;
    heardNews.current = news;
    asking.want();
    const timer = everyMs === null ? undefined : setInterval(() => asking.want(), everyMs);
    return () => {
      asking.stop();
      clearInterval(timer);
    };
  }, [path, everyMs]);
  useEffect(() => {
    if (heardNews.current === news) return;
    heardNews.current = news;
    newest.current?.want();
  }, [news]);
  const again = useCallback(() => newest.current?.want(), []);
  const isCurrent = told.epoch === live.epoch && live.connection !== "lost";
  const { older } = told;
  return told.path === path
    ? { data: told.data, older, problem: told.problem, isCurrent, again }
    : { data: null, older, problem: null, isCurrent: false, again };
}

/** What stood there stays, unless the service says that it is not there. */
function refusedAfter<T>(before: Told<T>, path: string, problem: Problem): Told<T> {
  const data = before.path === path && problem.code !== "not_found" ? before.data : null;
  return { ...before, path, data, problem };
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem;
  if (error instanceof DOMException && error.name === "AbortError")
    return { code: "unreachable", message: "the service did not answer in time", remedy: "try again" };
  return {
    code: "page",
    message: "the page met an error",
    remedy: error instanceof Error ? error.message : "reload it",
  };
}
