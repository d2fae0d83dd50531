/**
 * The filters that ffmpeg puts before a user's to show a frame upright, by its display matrix (fftools,
 * `get_rotation` and the autorotate step). The matrix is nine native-endian 32-bit numbers in 16.16 fixed point.
 */
export function rotationFilters(sideData: Buffer | null): string[] {
  if (sideData === null || sideData.length < 36) return [];
  const at = (index: number) => sideData.readInt32LE(index * 4);
  const theta = rotationDegrees(at);
  if (theta === null) return [];
  if (Math.abs(theta - 90) < 1) return [`transpose=${at(3) > 0 ? "cclock_flip" : "clock"}`];
  if (Math.abs(theta - 180) < 1) return [...(at(0) < 0 ? ["hflip"] : []), ...(at(4) < 0 ? ["vflip"] : [])];
  if (Math.abs(theta - 270) < 1) return [`transpose=${at(3) < 0 ? "clock_flip" : "cclock"}`];
  if (Math.abs(theta) > 1) return [`rotate=${theta.toFixed(6)}*PI/180`];
  return at(4) < 0 ? ["vflip"] : [];
}

/** Clockwise degrees in 0 to 360; null for a matrix that shows nothing. */
function rotationDegrees(at: (index: number) => number): number | null {
  const fixed = (index: number) => at(index) / 65_536;
  const scaleX = Math.hypot(fixed(0), fixed(3));
  const scaleY = Math.hypot(fixed(1), fixed(4));
  if (scaleX === 0 || scaleY === 0) return null;
  // av_display_rotation_get gives counter-clockwise degrees, negated; fftools rounds and turns them back.
  const counterClockwise = -(Math.atan2(fixed(1) / scaleY, fixed(0) / scaleX) * 180) / Math.PI;
  const theta = -Math.round(counterClockwise);
  return theta - 360 * Math.floor(theta / 360 + 0.9 / 360);
}
