/** Media that lie in two parts give the samples of their records twice, since no part knows of the others. */
export function usedTwice(more: number): string[] {
  return more <= 0
    ? []
    : [
        `annotations were used twice (${more} or more): their media lie in several parts, so that their samples are there twice`,
      ];
}
