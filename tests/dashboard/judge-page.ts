import axe from "axe-core";
import type { Page } from "playwright-core";

/** By how many pixels the page is wider than its window, and what of it is. */
export function overflow(page: Page): Promise<{ over: number; what: string[] }> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const what = [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > wide + 1)
      .map((one) => `${one.tagName}.${one.className}`)
      .slice(0, 5);
    return { over: document.documentElement.scrollWidth - wide, what };
  });
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds serious or worse. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
  )) as Violation[];
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 4).map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`),
    );
}
