/** How far a build is at one moment. */
export interface PaceMoment {
  readonly atMs: number;
  /** Members with a fate since anything; only what is added counts. */
  readonly members: number;
  /** Somebody has work of it in hand. */
  readonly isWorking: boolean;
}

/** A stretch of working time, and the members that got a fate in it. */
interface Stretch {
  readonly seconds: number;
  readonly members: number;
}

/** What the moments so far tell of a build's pace. */
export interface Pace {
  /** The last moment in which something had come of the work; null: nobody was at work since. */
  readonly mark: PaceMoment | null;
  /** Up to the last ten minutes of working time, the oldest first. */
  readonly stretches: readonly Stretch[];
}

/** How much is left to do, as far as the records tell. */
export interface WorkLeft {
  readonly members: number;
  /** Of those, in parts whose members have not been counted yet. */
  readonly estimated: number;
}

interface TimeLeft {
  readonly seconds: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export const noPace: Pace = Object.freeze({ mark: null, stretches: Object.freeze([]) });

const stretchSeconds = 5;
const keptSeconds = 600;
/** A long clip says nothing for a while; where nothing comes for longer, nobody was at work. */
const stillSeconds = 60;

/**
 * Only working time counts: pauses, idle hours and times in which no worker was there are in no stretch, nor is what a
 * moment brings after one of them.
 */
export function paceWith(pace: Pace, moment: PaceMoment): Pace {
  const { mark, stretches } = pace;
  if (!moment.isWorking) return mark === null ? pace : { mark: null, stretches };
  if (mark === null || moment.members < mark.members) return { mark: moment, stretches };
  const members = moment.members - mark.members;
  const seconds = (moment.atMs - mark.atMs) / 1000;
  if (members === 0 || seconds <= 0) return pace;
  if (seconds > stillSeconds) return { mark: moment, stretches };
  return { mark: moment, stretches: lastOf(joined(stretches, { seconds, members })) };
}

/**
 * From the mean pace and its spread: one standard deviation of a minute's pace to each side, at least 10 %, and a fifth more
 * on what is only estimated. Null while the pace is not known.
 */
export function timeLeft({ stretches }: Pace, { members, estimated }: WorkLeft): TimeLeft | null {
  if (members <= 0) return { seconds: 0, fromSeconds: 0, toSeconds: 0 };
  const worked = sumOf(stretches, ({ seconds }) => seconds);
  if (worked < stretchSeconds) return null;
  const mean = sumOf(stretches, (one) => one.members) / worked;
  const spread = sumOf(stretches, (one) => one.seconds * (one.members / one.seconds - mean) ** 2) / worked;
  const meanSeconds = worked / stretches.length;
  const share = Math.min(0.8, Math.max(0.1, Math.sqrt((spread * meanSeconds) / 60) / mean));
  return {
    seconds: members / mean,
    fromSeconds: (members - 0.2 * estimated) / (mean * (1 + share)),
    toSeconds: (members + 0.2 * estimated) / (mean * (1 - share)),
  };
}

/** Many short stretches would weigh what is chance, and be many. */
function joined(stretches: readonly Stretch[], next: Stretch): readonly Stretch[] {
  const last = stretches.at(-1);
  if (last === undefined || last.seconds >= stretchSeconds) return [...stretches, next];
  const both = { seconds: last.seconds + next.seconds, members: last.members + next.members };
  return [...stretches.slice(0, -1), both];
}

function lastOf(stretches: readonly Stretch[]): readonly Stretch[] {
  let from = stretches.length - 1;
  for (let seconds = 0; from >= 0; from -= 1) {
    seconds += stretches[from]?.seconds ?? 0;
    if (seconds > keptSeconds) break;
  }
  return stretches.slice(from + 1);
}

function sumOf(stretches: readonly Stretch[], of: (one: Stretch) => number): number {
  return stretches.reduce((sum, one) => sum + of(one), 0);
}
