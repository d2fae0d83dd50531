import { z } from "zod";
import { nameForm } from "./name-form.ts";
import { keyOfMember } from "./names.ts";

/**
 * Groups: samples that come of one original, whatever set they lie in. A group is a text: `yt:---_iRTHryQ` where a rule of the
 * catalogue reads an id out of the member's name, `img:<sha256>` of a sample with a single picture, else `member:<name>`.
 */

/** What stands for an id, and its shape. */
const ids: Record<string, string> = { youtube: "[A-Za-z0-9_-]{11}", id: "[^/\\s]+?" };

const groupNameSchema = z
  .string()
  .min(1)
  .refine((text) => placeholders(text).filter((word) => word in ids).length === 1, {
    error: "expected one {youtube} or {id} in it",
  })
  .refine((text) => placeholders(text).every((word) => word in ids || word === "n"), {
    error: "knows {youtube}, {id}, {n} (digits) and * only",
  });

/** How an id is read out of the names of members. */
const groupRuleSchema = z.strictObject({
  /** What kind of id it is: `yt` of YouTube's, so that sets which have it in common meet. */
  prefix: z.string().regex(/^[a-z][a-z0-9]{0,15}$/, "expected a short word in lower-case letters and digits"),
  /** Patterns of the name without its extension, or of its end with folders; the first that fits counts. */
  names: z.array(groupNameSchema).min(1),
  /** Of these subsets only. */
  subsets: z.array(z.string().min(1)).min(1).optional(),
});

export const groupSchema = z.array(groupRuleSchema);
type GroupRule = z.output<typeof groupRuleSchema>;

/** What of an output's entry says how its members are grouped. */
export interface Grouping {
  readonly group: readonly GroupRule[];
  readonly media: "video" | "images" | "none" | "pair";
}

/** A packed member as its ledger has it. */
interface PackedLine {
  readonly member: string;
  readonly key: string | null;
  readonly group?: string | undefined;
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map(([, word = ""]) => word);
}

/**
 * The group of a packed member, as far as its line and the catalogue's rules tell it; null where its picture has to be asked. A rule
 * counts before what was recorded as `member:`, so that a rule of later speaks for what was made earlier.
 */
export function groupOfLine(
  { group: rules, media }: Grouping,
  subset: string | null,
  { member, key, group }: PackedLine,
): string | null {
  if (group !== undefined && !group.startsWith("member:")) return group;
  const found = groupByName(rules, subset, member) ?? group;
  if (found !== undefined) return found;
  return media === "images" || media === "pair" ? null : memberGroup({ member, key });
}

/**
 * Of a member without an id in its name, nor a single picture. A row's name says where it lies in its file only: its key tells it from
 * all others.
 */
export function memberGroup({ member, key }: PackedLine): string {
  const isRow = /^row \d+$/.test(member) && key !== null;
  return `member:${isRow ? keyOfMember(key) : nameForm(member)}`;
}

function groupByName(rules: readonly GroupRule[], subset: string | null, member: string): string | undefined {
  const name = withoutExtension(nameForm(member).replaceAll("\\", "/"));
  const patterns = rules.flatMap(({ prefix, names, subsets }) =>
    subsets === undefined || isAmong(subsets, subset) ? names.map((pattern) => ({ prefix, pattern })) : [],
  );
  for (const { prefix, pattern } of patterns) {
    const id = expressionOf(pattern).exec(name)?.[1];
    if (id !== undefined) return `${prefix}:${id}`;
  }
  return undefined;
}

function isAmong(subsets: readonly string[], subset: string | null): boolean {
  return subset !== null && subsets.some((name) => nameForm(name) === nameForm(subset));
}

/** Of the last component only: a folder may hold a dot. */
function withoutExtension(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > name.lastIndexOf("/") + 1 ? name.slice(0, dot) : name;
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  const source = nameForm(pattern)
    .split(/(\{[a-z]+\}|\*)/)
    .map((piece) => {
      if (piece === "*") return "[^/]*";
      if (piece === "{n}") return "\\d+";
      const shape = ids[piece.slice(1, -1)];
      return piece.startsWith("{") && shape !== undefined
        ? `(${shape})`
        : piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  const made = new RegExp(`(?:^|/)${source}$`);
  expressions.set(pattern, made);
  return made;
}
