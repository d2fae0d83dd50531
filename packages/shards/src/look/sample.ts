/** A member of a sample: `{key}.{suffix}` in the tar. */
interface SampleMember {
  /** `000.jpg`, `jpg`, `json`, ... without the leading dot. */
  readonly suffix: string;
  readonly bytes: Uint8Array;
}

export interface Sample {
  readonly key: string;
  readonly members: readonly SampleMember[];
}

/** `000.jpg` or `jpg`: what `frame_count` counts. */
export function isFrame(suffix: string): boolean {
  return suffix === "jpg" || suffix.endsWith(".jpg");
}
