import type { BuildDetail } from "@shardmill/api/contract";
import { useEffect, useState } from "preact/hooks";
import { count, duration } from "../data/words.ts";
import { changesBetween, type Seen, seenOf } from "./seen.ts";

/** Shorter absences are no news. */
const awayMs = 5 * 60_000;

/** What is other than when this browser last showed the build; until the page is left. */
export function ChangedSince({ build }: { build: BuildDetail }) {
  const [before] = useState(() => read(build.dataset));
  const seen = JSON.stringify(seenOf(build, Date.now()));
  useEffect(() => {
    try {
      localStorage.setItem(nameOf(build.dataset), seen);
    } catch {
      // A full or forbidden storage costs this line and nothing else.
    }
  }, [seen, build.dataset]);
  if (before === null || Date.now() - before.at < awayMs) return null;
  const changes = changesBetween(before, seenOf(build, Date.now()));
  if (changes.length === 0) return null;
  return (
    <p class="note since">
      Since you last looked, {duration((Date.now() - before.at) / 1_000)} ago:{" "}
      {changes.map(({ name, by }) => `${by > 0 ? "+" : "−"}${count(Math.abs(by))} ${name}`).join(" · ")}
    </p>
  );
}

function nameOf(dataset: string): string {
  return `shardmill-seen-${dataset}`;
}

function read(dataset: string): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(nameOf(dataset)) ?? "null") as Seen | null;
  } catch {
    return null;
  }
}
