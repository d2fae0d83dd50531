import { Failure } from "@shardmill/core";
import { z } from "zod";
import { plural } from "../text/format.ts";

export interface UnderstoodProgress {
  readonly done: readonly number[];
  /** What was read, for a person to check. */
  readonly remark: string;
}

/** `73`, `"73"`, `"p0073"`, `"OpenVid_part73.zip"`. */
const partSchema = z.union([z.int().nonnegative(), z.string()]);
const progressSchema = z.union([
  z.array(partSchema),
  z.object({ completed: z.array(partSchema) }),
  z.object({ parts: z.record(z.string(), z.unknown()) }),
]);
const doneWords = new Set(["done", "complete", "completed", "finished", "success", "ok"]);

/** Accepts a list of parts, `{completed: [...]}` and `{parts: {"0": "done", ...}}`. */
export function parseProgress(text: string, file: string): UnderstoodProgress {
  const parsed = progressSchema.safeParse(parseJson(text, file));
  if (!parsed.success)
    throw new Failure(
      "wrong_use",
      `${file}: expected [0, 1, ...], {"completed": [0, 1, ...]} or {"parts": {"0": "done", ...}}`,
    );
  if (Array.isArray(parsed.data)) return fromList(parsed.data, file, "a list");
  if ("completed" in parsed.data) return fromList(parsed.data.completed, file, "completed");
  const entries = Object.entries(parsed.data.parts);
  const done = entries.filter(([, state]) => isDone(state)).map(([name]) => name);
  const understood = fromList(done, file, "parts");
  const others = entries.length - done.length;
  return { ...understood, remark: `${understood.remark}; ${others} not done` };
}

function fromList(names: readonly (string | number)[], file: string, where: string): UnderstoodProgress {
  const done = new Set<number>();
  for (const name of names) {
    const number = partNumber(name);
    if (number === null)
      throw new Failure(
        "wrong_use",
        `${file}: expected the number of a part in ${where}, found ${String(name)}`,
      );
    done.add(number);
  }
  const sorted = [...done].sort((a, b) => a - b);
  return {
    done: sorted,
    remark: `${file}: ${where} names ${plural(sorted.length, "part")} as done: ${runsText(sorted)}`,
  };
}

function partNumber(name: string | number): number | null {
  if (typeof name === "number") return name;
  const match = /^(?:.*part[_-]?|p)?(\d+)(?:\.\w+)*$/i.exec(name.trim());
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** `"done"`, `true`, or an object whose `state` or `status` says so. */
function isDone(state: unknown): boolean {
  if (typeof state === "string") return doneWords.has(state.toLowerCase());
  if (typeof state !== "object" || state === null) return state === true;
  return isDone("state" in state ? state.state : "status" in state ? state.status : false);
}

/** `0-72, 75`. */
function runsText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ") || "none";
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure("wrong_use", `${file} is no JSON`);
  }
}
