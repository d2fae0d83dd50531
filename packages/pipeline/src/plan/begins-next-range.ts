/**
 * How a stream is cut, while it is milled and when it is cut anew: a range is a run of `samplesPerShard` annotated members
 * and every member left out among and right after them. So an annotated member begins the next range where the open one
 * has all of its own; `works` is how many it has.
 */
export function beginsNextRange(isWork: boolean, works: number, samplesPerShard: number): boolean {
  return isWork && works === samplesPerShard;
}
