import { type Conditions, conditionsOf, type Dataset, Failure, systemClock } from "@shardmill/core";
import { keepToldTerms, toldTerms } from "@shardmill/pipeline";
import { openRecords, openStore } from "@shardmill/store";
import { askYes, canAsk } from "../context/ask.ts";
import type { CommandContext } from "../context/command-context.ts";
import { safeText } from "../text/clean-text.ts";

export interface TermsOptions {
  readonly acceptTerms?: true;
  readonly json?: true;
}

/** What is settled, to be written once it is known that the output can be made. */
export type SettledTerms = () => Promise<void>;

const nothing: SettledTerms = async () => undefined;

/** An output that is about to be made. */
interface ToSettle {
  readonly dataset: Dataset;
  readonly outRoot: string;
  /** The name of the output that it is made of: what was accepted there holds of it too. */
  readonly origin?: string;
}

/**
 * Says the conditions of an output once, and asks for them in a terminal. Where nobody can be asked they are told, and the record says
 * that nobody accepted them; `--accept-terms` does. A Failure `wrong_use` where somebody says no.
 */
export async function settleTerms(
  { console, settings, signal }: CommandContext,
  { dataset, outRoot, origin }: ToSettle,
  options: TermsOptions,
): Promise<SettledTerms> {
  const conditions = conditionsOf(dataset);
  if (conditions === null) return nothing;
  const store = await openStore(outRoot);
  const records = openRecords(store, dataset.name);
  const told = await toldTerms(records, conditions);
  if (told?.accepted != null) return nothing;
  const before = origin === undefined ? null : await toldTerms(openRecords(store, origin), conditions);
  if (before !== null && before.accepted !== null) {
    const { accepted, at } = before;
    return () => keepToldTerms(records, conditions, { accepted, nowMs: Date.parse(at) });
  }
  const isAsked = canAsk(settings) && options.json !== true;
  if (told !== null && options.acceptTerms !== true && !isAsked) return nothing;
  for (const line of conditionLines(dataset, conditions)) console.note(line);
  if (options.acceptTerms !== true && isAsked && !(await askYes("Do you accept them?", signal)))
    throw new Failure("wrong_use", `the conditions of ${dataset.name} were not accepted: nothing is built`);
  const accepted = options.acceptTerms === true ? "option" : isAsked ? "terminal" : null;
  if (accepted === null)
    console.note("  nobody was here to accept them: build with --accept-terms to record that you do");
  return () => keepToldTerms(records, conditions, { accepted, nowMs: systemClock.now() });
}

function conditionLines({ title, name }: Dataset, { license, lines, url }: Conditions): string[] {
  return [
    `${safeText(title)} (${name}) has conditions: ${safeText(license)}`,
    ...lines.map((line) => `  - ${safeText(line)}`),
    ...(url === null ? [] : [`  ${safeText(url)}`]),
  ];
}
