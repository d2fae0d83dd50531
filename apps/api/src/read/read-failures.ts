import { type Code, codes, isCode, outcomeOf } from "@shardmill/core";
import { failuresOfPart, type LeftOutMember, manifestsByPart, type PartStatus } from "@shardmill/pipeline";
import type { FailureGroup, Failures } from "../contract/index.ts";
import { wrongUse } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import type { BuildNow } from "./build-now.ts";
import { namedParts } from "./named-parts.ts";
import { remedyOf } from "./remedies.ts";

export interface FailuresQuery {
  readonly part?: string | undefined;
  readonly code?: string | undefined;
  readonly search?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** Examples may cost this many parts' ledgers; the members of one group are read when it is opened. */
const partsForExamples = 2;
const examplesEach = 3;

/** Counts come from manifests; ledgers are read only of the parts that the page of members falls into. */
export async function readFailures(service: Service, now: BuildNow, query: FailuresQuery): Promise<Failures> {
  const { status } = now;
  if (query.code !== undefined && !isCode(query.code))
    throw wrongUse(`there is no code ${query.code}; docs/codes.md lists them`);
  const parts = query.part === undefined ? status.parts : namedParts(status, query.part);
  const { leftOut } = service.books(status.dataset);
  const manifests = manifestsByPart(now.books.manifests);
  const read = (part: PartStatus): Promise<readonly LeftOutMember[]> =>
    failuresOfPart(leftOut, part, service.signal, manifests.get(part.label) ?? []);
  const groups = groupsOf(parts);
  await addExamples(groups, parts, read);
  const members = await (query.search ? searchMembers : pageOfMembers)(parts, query, read);
  return {
    failed: groups.reduce((sum, { kind, count }) => sum + (kind === "failed" ? count : 0), 0),
    skipped: groups.reduce((sum, { kind, count }) => sum + (kind === "skipped" ? count : 0), 0),
    groups,
    parts: parts.flatMap(({ label, state, error }) =>
      state === "failed" && error !== null
        ? [
            {
              label,
              code: error.code,
              detail: error.detail,
              meaning: error.code === null ? "an error without a code" : codes[error.code].meaning,
              remedy: remedyOf(error.code),
            },
          ]
        : [],
    ),
    members,
  };
}

function groupsOf(parts: readonly PartStatus[]): FailureGroup[] {
  const counts = new Map<Code, { count: number; parts: number }>();
  for (const { byCode } of parts) {
    for (const [code, count] of Object.entries(byCode)) {
      if (!isCode(code) || count <= 0) continue;
      const group = counts.get(code) ?? { count: 0, parts: 0 };
      counts.set(code, { count: group.count + count, parts: group.parts + 1 });
    }
  }
  return [...counts]
    .map(([code, { count, parts: inParts }]): FailureGroup => {
      const { meaning, retryable } = codes[code];
      const remedy = remedyOf(code);
      return { code, kind: outcomeOf(code), count, parts: inParts, meaning, remedy, retryable, examples: [] };
    })
    .sort((a, b) => Number(a.kind === "skipped") - Number(b.kind === "skipped") || b.count - a.count);
}

/** Takes the parts that hold most of the codes that still lack an example. */
async function addExamples(
  groups: readonly FailureGroup[],
  parts: readonly PartStatus[],
  read: (part: PartStatus) => Promise<readonly LeftOutMember[]>,
): Promise<void> {
  const lacking = new Set(groups.map(({ code }) => code));
  const gives = (part: PartStatus): number =>
    [...lacking].filter((code) => (part.byCode[code] ?? 0) > 0).length;
  for (let turn = 0; turn < partsForExamples && lacking.size > 0; turn += 1) {
    const best = parts.reduce<PartStatus | null>(
      (most, part) => (gives(part) > (most === null ? 0 : gives(most)) ? part : most),
      null,
    );
    if (best === null) return;
    for (const member of await read(best)) {
      const group = groups.find(({ code }) => code === member.code);
      if (group !== undefined && lacking.has(group.code) && group.examples.length < examplesEach)
        group.examples.push({ ...member });
    }
    for (const { code, examples } of groups) if (examples.length > 0) lacking.delete(code);
    // A part whose ledger lacks what its manifest counts would be chosen for ever.
    for (const code of Object.keys(best.byCode)) lacking.delete(code);
  }
}

async function pageOfMembers(
  parts: readonly PartStatus[],
  { code, page, pageSize }: FailuresQuery,
  read: (part: PartStatus) => Promise<readonly LeftOutMember[]>,
): Promise<Failures["members"]> {
  const countIn = ({ byCode, failed, skipped }: PartStatus): number =>
    code === undefined ? failed + skipped : (byCode[code] ?? 0);
  const total = parts.reduce((sum, part) => sum + countIn(part), 0);
  const items: LeftOutMember[] = [];
  let before = 0;
  const first = (page - 1) * pageSize;
  for (const part of parts) {
    const count = countIn(part);
    const from = Math.max(0, first + items.length - before);
    before += count;
    if (from >= count || items.length >= pageSize) continue;
    const members = (await read(part)).filter((member) => code === undefined || member.code === code);
    items.push(...members.slice(from, from + pageSize - items.length));
  }
  return { page, pageSize, total, items: items.map((member) => ({ ...member })), notSearched: 0 };
}

/** A text is looked for among so many members at most; those who ask for it wait for the ledgers. */
const mostSearched = 200_000;

/** Of the parts in which the code occurs, in their order, until too many members have been looked at. */
async function searchMembers(
  parts: readonly PartStatus[],
  { code, search = "", page, pageSize }: FailuresQuery,
  read: (part: PartStatus) => Promise<readonly LeftOutMember[]>,
): Promise<Failures["members"]> {
  const text = search.toLocaleLowerCase("en-US");
  const isFound = (member: LeftOutMember): boolean =>
    (code === undefined || member.code === code) &&
    (member.member.toLocaleLowerCase("en-US").includes(text) ||
      member.detail.toLocaleLowerCase("en-US").includes(text));
  const holding = parts.filter(
    ({ byCode, failed, skipped }) => (code === undefined ? failed + skipped : (byCode[code] ?? 0)) > 0,
  );
  const found: LeftOutMember[] = [];
  let [searched, looked] = [0, 0];
  for (const part of holding) {
    if (looked >= mostSearched) break;
    const members = await read(part);
    looked += members.length;
    searched += 1;
    for (const member of members) if (isFound(member)) found.push(member);
  }
  const items = found.slice((page - 1) * pageSize, page * pageSize).map((member) => ({ ...member }));
  return { page, pageSize, total: found.length, items, notSearched: holding.length - searched };
}
