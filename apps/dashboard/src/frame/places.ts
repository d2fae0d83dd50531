/**
 * Where a person was on each page of this tab's history: how far down, and on what. Going back leads there again; going on
 * leads to the top, and the focus to the page's heading. The pages' figures arrive later than the page, so that a place is
 * looked for until it is there.
 */
interface Place {
  readonly top: number;
  /** A selector of what had the focus. */
  readonly focus: string | null;
}

const kept = "shardmill-places";
const mostPlaces = 60;
const lookForMs = 8_000;
const pageBody = "main > :not(.alarms)";

export function keepPlaces(): void {
  history.scrollRestoration = "manual";
  let key = keyOfEntry();
  let path = pathOf(location.hash);
  let giveUp = (): void => undefined;
  window.addEventListener("hashchange", () => {
    keepPlace(key);
    giveUp();
    const isNew = !hasKey();
    const next = pathOf(location.hash);
    key = keyOfEntry();
    // Another filter of the same page is not another page.
    if (!isNew) giveUp = lookFor(places()[key] ?? { top: 0, focus: null });
    else if (next !== path) giveUp = lookFor({ top: 0, focus: "main h1" });
    path = next;
  });
  let hash = location.hash;
  window.addEventListener("popstate", () => {
    // The same address once more is the same entry, whose key it takes away.
    if (location.hash === hash && !hasKey()) history.replaceState({ place: key }, "");
    hash = location.hash;
  });
  window.addEventListener("pagehide", () => keepPlace(key));
  const before = places()[key];
  if (before !== undefined) giveUp = lookFor({ ...before, focus: null });
}

function pathOf(hash: string): string {
  return hash.split("?")[0] ?? "";
}

function hasKey(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "place" in state;
}

function keyOfEntry(): string {
  if (!hasKey()) history.replaceState({ place: crypto.randomUUID?.() ?? String(Math.random()) }, "");
  return String((history.state as { place: string }).place);
}

function places(): Record<string, Place> {
  try {
    return JSON.parse(sessionStorage.getItem(kept) ?? "{}") as Record<string, Place>;
  } catch {
    return {};
  }
}

function keepPlace(key: string): void {
  const { [key]: _, ...others } = places();
  const last = Object.entries(others).slice(1 - mostPlaces);
  const place: Place = { top: window.scrollY, focus: selectorOf(document.activeElement) };
  try {
    sessionStorage.setItem(kept, JSON.stringify(Object.fromEntries([...last, [key, place]])));
  } catch {
    // A full or forbidden storage costs the place and nothing else.
  }
}

function selectorOf(element: Element | null): string | null {
  if (element === null || element.closest("main") === null) return null;
  const href = element.getAttribute("href");
  if (href !== null) return `main a[href="${CSS.escape(href)}"]`;
  return element.id === "" ? null : `#${CSS.escape(element.id)}`;
}

/** Gives what ends the search; a person who does anything ends it, too. */
function lookFor({ top, focus }: Place): () => void {
  const page = document.getElementById("page") ?? document.body;
  const began = document.querySelector(pageBody);
  window.scrollTo(0, top);
  const look = (): void => {
    // What is there at first is the page that is being left.
    if (began !== null && document.querySelector(pageBody) === began) return;
    if (window.scrollY !== top) window.scrollTo(0, top);
    const found = focus === null ? null : document.querySelector<HTMLElement>(focus);
    if (found !== null && document.activeElement !== found) {
      if (found.tagName === "H1") found.tabIndex = -1;
      found.focus({ preventScroll: true });
    }
    const isThere = Math.abs(window.scrollY - top) < 2 && (focus === null || found !== null);
    if (isThere && (focus !== "main h1" || document.querySelector(".skeleton") === null)) end();
  };
  const watch = new MutationObserver(look);
  const timer = setTimeout(() => end(), lookForMs);
  const acts = ["wheel", "touchstart", "keydown", "pointerdown"] as const;
  const end = (): void => {
    watch.disconnect();
    clearTimeout(timer);
    for (const act of acts) window.removeEventListener(act, end);
  };
  for (const act of acts) window.addEventListener(act, end, { passive: true });
  watch.observe(page, { childList: true, subtree: true });
  return end;
}
