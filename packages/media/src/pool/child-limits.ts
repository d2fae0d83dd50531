/** What one clip may cost before its child is replaced. Generous: they are for hangs and bombs, not for slow clips. */
export interface ChildLimits {
  /** CPU seconds that any clip may take. */
  readonly cpuBaseS: number;
  /** More CPU seconds per MiB of the clip. */
  readonly cpuPerMib: number;
  /** More CPU seconds per second of the clip, once the child has told its duration. */
  readonly cpuPerClipSecond: number;
  /** The wall limit is the CPU limit times this: a machine may be shared by many. */
  readonly wallFactor: number;
  /** A child that has not shown a heartbeat for this long is taken for stopped. */
  readonly heartbeatS: number;
  /** How often a child is looked at. */
  readonly pollMs: number;
}

export const defaultChildLimits: ChildLimits = {
  cpuBaseS: 60,
  cpuPerMib: 4,
  cpuPerClipSecond: 2,
  wallFactor: 8,
  heartbeatS: 30,
  pollMs: 250,
};

const MIB = 1024 * 1024;

export function cpuLimitS(limits: ChildLimits, sizeBytes: number, durationS: number): number {
  return limits.cpuBaseS + limits.cpuPerMib * (sizeBytes / MIB) + limits.cpuPerClipSecond * durationS;
}
