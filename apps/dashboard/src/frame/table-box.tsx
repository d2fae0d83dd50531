import type { ComponentChildren } from "preact";

/** A table that is wider than its place is moved within it, by keyboard too. */
export function TableBox({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <section class="table-box" aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
