import { afterAll, beforeAll, expect, it } from "vitest";
import { Seeded } from "../../packages/core/testing/seeded.ts";
import { DryRunsHouse, type Kind, labels, type Told } from "./dry-runs-house.ts";

/**
 * What a dry run lists is what the same request then queues, job for job, whatever has happened to the output before. Nothing is
 * milled: jobs are counted in the queue once everything has been planned.
 */
let house: DryRunsHouse;
beforeAll(async () => {
  house = await DryRunsHouse.open();
});
afterAll(() => house.close());

const selections = [
  { kind: "missing" },
  { kind: "missing", all: true },
  { kind: "failed" },
  { kind: "stale" },
  { kind: "failed-samples" },
  { kind: "failed-samples", codes: ["image_undecodable", "decode_error"] },
  { kind: "parts", parts: "0-2" },
] as const;

interface Request {
  readonly path: string;
  readonly body: object;
}

function requestsOf(kind: Kind, seeded: Seeded): Request[] {
  const parts = () => seeded.pick(["0", "0-1", "1,2", "p0002", "0-2"]);
  const builds = [{}, { parts: parts() }, { rebuild: true }, { rebuild: true, parts: parts() }];
  const retries = selections.flatMap((selection) => [selection, { ...selection, parts: parts() }]);
  return [
    ...builds.map((more) => ({ path: "", body: { dataset: kind, ...more } })),
    // Whole outputs are read for it: it wants parts to be named.
    { path: `/${kind}/retry`, body: { selection: { kind: "corrupt", parts: "0-2" } } },
    { path: `/${kind}/retry`, body: { selection: { kind: "corrupt", parts: parts() } } },
    ...retries.map((selection) => ({ path: `/${kind}/retry`, body: { selection } })),
  ];
}

const states = [1, 2, 3, 4];

/** Each request meets one of the states. */
for (const kind of ["zips", "streams"] as const) {
  const seeded = new Seeded(kind.length);
  const requests = seeded.shuffled(requestsOf(kind, seeded));
  it.each(states)(`${kind} in state %i`, async (state) => {
    const mine = requests.filter((_, at) => at % states.length === state - 1);
    for (const [at, request] of mine.entries()) await tryOne(kind, state, request, at % 3 === 2);
  });
}

async function tryOne(kind: Kind, seed: number, { path, body }: Request, isBusy: boolean): Promise<void> {
  const stage = await house.stage(kind, seed);
  const about = `${path} ${JSON.stringify(body)}${isBusy ? ", p0001 at work" : ""}: ${stage.state}`;
  try {
    // Asked for before: it is at work, and whatever is asked for then leaves it alone.
    if (isBusy) await stage.ask("", { dataset: kind, parts: "1" });
    const before = await stage.jobs();
    const dry = await stage.ask(path, { ...body, dryRun: true });
    expect(await stage.jobs(), about).toEqual(before);
    const done = await stage.ask(path, body);
    expect([dry.status, done.status], about).toEqual([200, 202]);
    expect(listOf(done.body), about).toEqual(listOf(dry.body));
    const after = await stage.jobs();
    const added = after.parts.filter((label) => !before.parts.includes(label));
    const { items } = dry.body;
    expect(added, about).toEqual(items.map(({ label }) => label));
    for (const label of labels) {
      const item = items.find((one) => one.label === label);
      const made = (after.shards[label] ?? 0) - (before.shards[label] ?? 0);
      // Of one that has to be planned first no number is told.
      if (item?.shards !== null)
        expect([label, made], about).toEqual([label, jobsFor(kind, item?.shards ?? 0)]);
    }
  } finally {
    await stage.close();
  }
}

/** One job streams what is missing of an archive that has no way in but its front. */
function jobsFor(kind: Kind, shards: number): number {
  return kind === "streams" ? Math.min(1, shards) : shards;
}

function listOf({ items, stale, leftAlone }: Told): object {
  return { items, stale, leftAlone };
}
