import { count, percent } from "../data/words.ts";

interface BooksProps {
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Null while a part is read that tells its members only at its end. */
  readonly members: number | null;
  readonly isSmall?: boolean;
}

/** members = packed + failed + skipped, as a bar and in words: what is not there yet is the empty rest of the bar. */
export function Books({ packed, failed, skipped, members, isSmall = false }: BooksProps) {
  const told = packed + failed + skipped;
  const all = Math.max(members ?? told, told, 1);
  const width = (part: number): { width: string } => ({ width: `${(100 * part) / all}%` });
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
            {members === null || members === told
              ? "the books balance"
              : `${percent(told, all)} accounted for`}
          </span>
        </p>
      )}
    </div>
  );
}
