import { isAbsolute, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { parse, YAMLParseError } from "yaml";
import type { Roots } from "./map-roots.ts";

/**
 * `roots:` of a user's config file, `prefix: folder`. `$NAME` and `${NAME}` in a folder are taken from the environment;
 * a folder that is not absolute is one beside the file. Every mistake is told at once.
 */
export function parseRoots(
  text: string,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Roots {
  const problems: string[] = [];
  const config = entriesOf(document(text) ?? {}, "the file", problems);
  for (const [key] of config) if (key !== "roots") problems.push(`${key}: unknown; expected roots`);
  const listed = entriesOf(Object.fromEntries(config).roots ?? {}, "roots", problems);
  const roots = listed.map(([prefix, place]) => {
    if (typeof place !== "string" || place === "" || prefix === "") {
      problems.push(`roots.${prefix}: expected a folder`);
      return [prefix, ""] as const;
    }
    const expanded = place.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
      const name = braced ?? plain ?? "";
      const value = environment[name];
      if (value === undefined || value === "") problems.push(`roots.${prefix}: ${name} is not set`);
      return value ?? "";
    });
    return [prefix, isAbsolute(expanded) ? expanded : resolve(folder, expanded)] as const;
  });
  if (problems.length > 0) throw new Failure("wrong_use", `config.yaml: ${problems.join("; ")}`);
  return Object.fromEntries(roots);
}

function entriesOf(value: unknown, what: string, problems: string[]): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  problems.push(`${what}: expected keys and values`);
  return [];
}

function document(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new Failure("wrong_use", `config.yaml: ${error.message.split("\n")[0]}`);
  }
}
