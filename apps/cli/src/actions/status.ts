import type { Failure, TokenCounts } from "@shardmill/core";
import { readRequests } from "@shardmill/owner/requests";
import { type BuildTime, readBuildTime } from "@shardmill/owner/time";
import { type BuildStatus, type PartStatus, partsToDo, readStatus } from "@shardmill/pipeline/status";
import type { CommandContext } from "../context/command-context.ts";
import { openOutput } from "../output/open-output.ts";
import { lookAtQueue } from "../output/queue-view.ts";
import { refusalText } from "../screen/refusal-text.ts";
import { remarkLines } from "../screen/remark-lines.ts";
import { requestJson, requestLines } from "../screen/request-lines.ts";
import { stateText } from "../screen/state-text.ts";
import { subsetCells } from "../screen/subset-column.ts";
import { timeText } from "../screen/time-text.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText, plural } from "../text/format.ts";
import { cureOf } from "./note-stale.ts";

export interface StatusOptions {
  readonly out: string;
  readonly json?: true;
  readonly all?: true;
}

export async function showStatus(
  context: CommandContext,
  name: string,
  options: StatusOptions,
): Promise<void> {
  const { records, build } = await openOutput(options.out, name, { isAwaited: true });
  const { view, oldestRun, refusing, problem } = await lookAtQueue(context.settings, records, build);
  if (problem !== null) noteSilence(context.console, problem);
  const status = await readStatus(records, build, view);
  const time = await readBuildTime(records, { oldestRun, newestAt: status.newestAt }, Date.now());
  const stale = status.parts.filter(({ state }) => state === "stale");
  const cure = stale.length === 0 ? [] : [cureOf(name, options.out)];
  const requests = await readRequests(records, options.all === true ? mostListed : mostShown);
  if (options.json === true)
    return context.console.json({
      ...statusJson({ status, time }, cure),
      requests: requests.map(requestJson),
    });
  printStatus(context, { status, time }, options.all === true);
  for (const line of requestLines(requests)) context.console.out(line);
  for (const command of cure) context.console.out(`make the stale parts again:  ${command}`);
  const told = new Set(refusing.map(({ worker, code, why }) => refusalText(worker, code, why)));
  for (const text of told) context.console.out(context.console.paint("yellow", safeText(text)));
}

/** Requests that are told; `--all` tells more of them. */
const mostShown = 5;
const mostListed = 100;

/** What is told is told by the records; who is at work may be others. */
function noteSilence(console: CommandContext["console"], { message }: Failure): void {
  console.note(`${safeText(message)}; what follows is from the records alone`);
}

/** A build as it stands, and how long it has been at work. */
export interface TimedStatus {
  readonly status: BuildStatus;
  readonly time: BuildTime;
}

/** `next`: commands that cure what is wrong, one a line as a person would type it. */
export function statusJson({ status, time }: TimedStatus, next: readonly string[] = []): object {
  return {
    dataset: status.dataset,
    build: status.build,
    source: { kind: status.source.kind, name: status.source.name },
    revision: status.revision,
    time,
    recipe: status.recipe,
    parts: status.parts,
    totals: status.totals,
    remarks: status.remarks,
    annotationRemarks: status.annotationRemarks,
    ...(next.length > 0 ? { next } : {}),
  };
}

/** `all` lists the parts that nobody asked for too; `everyRemark` all remarks of those listed. */
export function printStatus(
  { console }: CommandContext,
  { status, time }: TimedStatus,
  all: boolean,
  everyRemark = all,
): void {
  const quiet: readonly string[] = ["missing", "absent"];
  const shown = all
    ? status.parts
    : status.parts.filter((part) => part.held !== null || !quiet.includes(part.state));
  console.out(
    `${console.paint("bold", status.dataset)} from ${status.source.name}${status.revision === null ? "" : ` at ${status.revision.slice(0, 12)}`}`,
  );
  const subsets = subsetCells(shown.map(({ subset }) => subset));
  const rows = shown.map((part, row) => {
    const [label = "", ...cells] = partRow(part, console);
    return [label, ...(subsets[row] ?? []), ...cells];
  });
  const hasSubsets = (subsets[0]?.length ?? 0) > 0;
  const figures = ["members", "packed", "failed", "skipped", "shards", "size"];
  console.table(["part", ...(hasSubsets ? ["subset"] : []), "state", ...figures, "last error"], rows, [
    "left",
    ...(hasSubsets ? (["left"] as const) : []),
    "left",
    ...figures.map(() => "right" as const),
    "left",
  ]);
  if (shown.some((part) => part.isAdopted))
    console.out(
      console.paint("dim", "* built elsewhere and adopted: unverified, and no figure here counts it"),
    );
  for (const line of hiddenLines(status, shown)) console.out(console.paint("dim", line));
  for (const line of remarkLines({ ...status, parts: shown }, everyRemark)) console.out(line);
  console.out(totalsLine(status));
  const when = timeText(time);
  if (when !== null) console.out(when);
  for (const remark of status.remarks) console.out(console.paint("dim", `note: ${safeText(remark)}`));
}

/** What a short list leaves away, counted: parts not built, asked for or not, and parts that the source does not have. */
function hiddenLines({ parts }: BuildStatus, shown: readonly PartStatus[]): string[] {
  const listed = new Set(shown.map((part) => part.label));
  const hidden = parts.filter((part) => !listed.has(part.label));
  const missing = hidden.filter((part) => part.state === "missing");
  const asked = missing.filter((part) => part.isAsked).length;
  const unasked = missing.length - asked;
  const unfetched = hidden.filter((part) => part.error?.code === "media_not_fetched").length;
  const absent = hidden.length - missing.length - unfetched;
  return [
    ...(asked === 0
      ? []
      : [`and ${plural(asked, "part")} missing: asked for, and not built (retry --missing makes them)`]),
    ...(unasked === 0
      ? []
      : [`and ${plural(unasked, "part")} missing: at the source, and never asked for (--all lists them)`]),
    ...(absent === 0
      ? []
      : [`and ${plural(absent, "part")} absent: not at the source (--all lists them with the reason)`]),
    ...(unfetched === 0
      ? []
      : [
          `and ${plural(unfetched, "part")} absent: media_not_fetched, questions without their media (failures lists them)`,
        ]),
  ];
}

/** A cancelled part is told as such, whatever stands of it. */
function heldText({ kind }: NonNullable<PartStatus["held"]>, state: PartStatus["state"]): string {
  const word = kind === "pause" ? "paused" : "cancelled";
  return state === "missing" || state === "queued" ? word : `${word}, ${state}`;
}

function partRow(part: PartStatus, console: CommandContext["console"]): string[] {
  const { done, total } = part.shards;
  const state = stateText(console, part.state);
  const failed = countText(part.failed);
  return [
    part.label,
    part.held === null ? (part.isAdopted ? `${state}*` : state) : heldText(part.held, part.state),
    part.members === null ? "?" : countText(part.members),
    countText(part.packed),
    part.failed === 0 ? failed : console.paint("red", failed),
    countText(part.skipped),
    total === null && done === 0 ? "" : `${done}/${total ?? "?"}`,
    part.shardBytes === 0 ? "" : bytesText(part.shardBytes),
    part.error === null ? "" : safeText(`${part.error.code ?? "bug"}: ${part.error.detail}`),
  ];
}

function tokensText({ all, loss, cut }: TokenCounts): string {
  const share = all === 0 ? 0 : Math.round((100 * loss) / all);
  const cuts = cut === 0 ? "none cut" : `${plural(cut, "sample")} cut`;
  return `${countText(all)} tokens, the loss on ${countText(loss)} (${share} %), ${cuts}`;
}

/** Against the plan, as far as there is one: what has no fate yet is a term of its own, and what is not done is told. */
function booksText({ totals: { members, packed, failed, skipped, toDo }, parts }: BuildStatus): string {
  const terms = `${countText(packed)} packed + ${countText(failed)} failed + ${countText(skipped)} skipped`;
  const open = partsToDo(parts);
  return [
    `${countText(members + toDo)} members = ${terms}${toDo === 0 ? "" : ` + ${countText(toDo)} to do`}`,
    ...(open === 0 ? [] : [`${plural(open, "part")} not done`]),
  ].join("; ");
}

function totalsLine(status: BuildStatus): string {
  const { totals } = status;
  const { unmatched, notFetched, samples } = totals;
  const rest =
    unmatched === null
      ? "unmatched annotations: known when every part is planned and none is stale"
      : `${plural(unmatched, "annotation")} unmatched`;
  const made = `${countText(samples)} samples, ${countText(totals.frames)} frames, ${bytesText(totals.shardBytes)}`;
  const lacking =
    (notFetched ?? 0) === 0
      ? []
      : [`${plural(notFetched ?? 0, "question")} media_not_fetched (failures lists them)`];
  const tokens = totals.tokens === null ? [] : [tokensText(totals.tokens)];
  return [`${booksText(status)}; ${rest}`, ...lacking, made, ...tokens].join("\n");
}
