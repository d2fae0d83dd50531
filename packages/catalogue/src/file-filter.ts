import { pathPattern } from "./path-pattern.ts";

/** Whether a path is one of those that any of the patterns names. */
export function fileFilter(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map(pathPattern);
  return (path) => all.some((pattern) => pattern.match(path) !== null);
}
