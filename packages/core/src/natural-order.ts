/**
 * The one order of names: whole numbers in them compare by value, of any length, and everything else by code point.
 * Upstream files are seldom padded, and plain order would give 1, 10, 11, 2. No locale has a say: frames are picked by
 * this order, so that a newer Unicode table would make other bytes. Only ASCII digits are numbers.
 *
 * The order is total: names that count alike, as `a1` and `a01` do, come by their code points.
 */
export function naturalOrder(a: string, b: string): number {
  let [left, right] = [0, 0];
  while (left < a.length && right < b.length) {
    const [leftEnd, rightEnd] = [digitsEnd(a, left), digitsEnd(b, right)];
    if (leftEnd > left && rightEnd > right) {
      const order = numberOrder(a.slice(left, leftEnd), b.slice(right, rightEnd));
      if (order !== 0) return order;
      [left, right] = [leftEnd, rightEnd];
      continue;
    }
    const [leftPoint, rightPoint] = [pointAt(a, left), pointAt(b, right)];
    if (leftPoint !== rightPoint) return leftPoint - rightPoint;
    const units = leftPoint > 0xffff ? 2 : 1;
    left += units;
    right += units;
  }
  return a.length - left - (b.length - right) || codePointOrder(a, b);
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** By their digits: an id of forty digits is no number that JavaScript could hold. */
function numberOrder(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, "")) as [string, string];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** Comparing texts with `<` would put a letter beyond U+FFFF, which is a pair of surrogates, before U+E000. */
function codePointOrder(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; ) {
    const [left, right] = [pointAt(a, at), pointAt(b, at)];
    if (left !== right) return left - right;
    at += left > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

function pointAt(text: string, at: number): number {
  return text.codePointAt(at) ?? -1;
}
