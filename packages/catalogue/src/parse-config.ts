import { isAbsolute, resolve } from "node:path";
import { type Dataset, Failure, type OwnTerms, ownTermsSchema } from "@shardmill/core";
import { parse, YAMLParseError } from "yaml";
import type { Roots } from "./map-roots.ts";
import { type NotifyConfig, notifyOf } from "./notify-config.ts";

/** A user's config file. */
export interface UserConfig {
  /** `prefix: folder`. */
  readonly roots: Roots;
  /** By the dataset: what the user knows of its terms, and of those of its subsets. */
  readonly terms: Readonly<Record<string, OwnTerms>>;
  /** Whom to tell how builds go. */
  readonly notify: NotifyConfig;
}

/**
 * Reads it. `$NAME` and `${NAME}` in a root's folder are taken from the environment; a folder that is not absolute is one beside the
 * file. Every mistake is told at once.
 */
export function parseConfig(
  text: string,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): UserConfig {
  const problems: string[] = [];
  const config = entriesOf(document(text) ?? {}, "the file", problems);
  for (const [key] of config)
    if (key !== "roots" && key !== "terms" && key !== "notify")
      problems.push(`${key}: unknown; expected roots, terms or notify`);
  const { roots: given, terms: told, notify: whom } = Object.fromEntries(config);
  const roots = rootsOf(entriesOf(given ?? {}, "roots", problems), folder, environment, problems);
  const terms = termsOf(entriesOf(told ?? {}, "terms", problems), problems);
  const notify = notifyOf(whom, folder, problems);
  if (problems.length > 0) throw new Failure("wrong_use", `config.yaml: ${problems.join("; ")}`);
  return { roots, terms, notify };
}

/** A dataset as the user's config has its terms. */
export function withOwnTerms(dataset: Dataset, terms: UserConfig["terms"]): Dataset {
  const own = Object.entries(terms).find(([name]) => name === dataset.name)?.[1];
  if (own === undefined) return dataset;
  const { commercial, redistribution, requires, url } = { ...dataset.terms, ...said(own) };
  return {
    ...dataset,
    license: own.license ?? dataset.license,
    terms: { commercial, redistribution, requires, ...(url === undefined ? {} : { url }) },
    subsetTerms: { ...dataset.subsetTerms, ...own.subsets },
  };
}

function said({ commercial, redistribution, requires, url }: OwnTerms): Partial<Dataset["terms"]> {
  return {
    ...(commercial && { commercial }),
    ...(redistribution && { redistribution }),
    ...(requires && { requires }),
    ...(url && { url }),
  };
}

function termsOf(listed: readonly [string, unknown][], problems: string[]): Record<string, OwnTerms> {
  return Object.fromEntries(
    listed.flatMap(([name, value]) => {
      const parsed = ownTermsSchema.safeParse(value);
      if (parsed.success) return [[name, parsed.data]];
      for (const { path, message } of parsed.error.issues)
        problems.push(`${["terms", name, ...path].join(".")}: ${message}`);
      return [];
    }),
  );
}

function rootsOf(
  listed: readonly [string, unknown][],
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Roots {
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
