import { count, percent, plural } from "../data/words.ts";

/** How many of its parts are not begun, whose members nobody knows yet, how many are not done, and of those how many were asked for. */
interface PartsOfBuild {
  readonly all: number;
  readonly notBegun: number;
  readonly notDone: number;
  readonly toDo: number;
}

interface BooksProps {
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Null while a part is read that tells its members only at its end. */
  readonly members: number | null;
  readonly isSmall?: boolean;
  readonly parts?: PartsOfBuild;
}

/** members = packed + failed + skipped, as a bar and in words: what is not there yet is the empty rest of the bar. */
export function Books(props: BooksProps) {
  const { packed, failed, skipped, members, isSmall = false, parts } = props;
  const told = packed + failed + skipped;
  const all = Math.max(members ?? told, told, 1);
  const begun = parts === undefined || parts.all === 0 ? 1 : 1 - parts.notBegun / parts.all;
  const width = (part: number): { width: string } => ({ width: `${(100 * begun * part) / all}%` });
  return (
    <div class={isSmall ? "books small" : "books"}>
      <div
        class="books-bar"
        role="img"
        aria-label={`${packed} packed, ${failed} failed, ${skipped} skipped of ${all} members`}
      >
        <span class="packed" style={width(packed)} />
        <span class="failed" style={width(failed)} />
        <span class="skipped" style={width(skipped)} />
      </div>
      {isSmall ? null : (
        <p class="equation">
          <span>
            <b>{count(members ?? told)}</b> members
          </span>
          <i>=</i>
          <span class="packed">
            <b>{count(packed)}</b> packed
          </span>
          <i>+</i>
          <span class="failed">
            <b>{count(failed)}</b> failed
          </span>
          <i>+</i>
          <span class="skipped">
            <b>{count(skipped)}</b> skipped
          </span>
          {members !== null && members > told ? (
            <>
              <i>+</i>
              <span class="soft">
                <b>{count(members - told)}</b> to do
              </span>
            </>
          ) : null}
          <span class="verdict">
            {verdictOf(members, told, parts?.toDo ?? 0)}
            {parts === undefined || parts.notDone === 0 ? "" : ` · ${plural(parts.notDone, "part")} not done`}
          </span>
        </p>
      )}
    </div>
  );
}

/** Books balance when they are compared with a plan, and with nothing else: while a part that was asked for is not done, none do. */
function verdictOf(members: number | null, told: number, partsToDo: number): string {
  if (members === null) return told === 0 ? "nothing counted yet" : "its members are known at its end";
  if (members === 0 && told === 0) return "nothing counted yet";
  if (members === told) return partsToDo === 0 ? "the books balance" : "what is planned is accounted for";
  return `${percent(told, members)} accounted for`;
}
