/** `0-185` or `1,3,5-7` as ascending numbers, each once. */
export function partNumbers(text: string): number[] {
  const numbers = new Set<number>();
  for (const word of text.split(",")) {
    const [from = "", to = from] = word.split("-");
    for (let n = Number(from); n <= Number(to); n++) numbers.add(n);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** How many numbers a text names at most, without making them. */
export function countPartNumbers(text: string): number {
  return text.split(",").reduce((sum, word) => {
    const [from = "", to = from] = word.split("-");
    return sum + Math.max(0, Number(to) - Number(from) + 1);
  }, 0);
}
