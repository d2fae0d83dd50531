/** A member of a sample: `{key}.{suffix}` in the tar. */
export interface SampleMember {
  /** `000.jpg`, `jpg`, `json`, ... without the leading dot. */
  readonly suffix: string;
  readonly bytes: Uint8Array;
}

export interface Sample {
  readonly key: string;
  readonly members: readonly SampleMember[];
  /** How many pictures it shows, where its layout has more or fewer files than that. */
  readonly frames?: number;
}

/** All pictures of a sample in one file, one behind the other. */
export const packedSuffix = "frames.bin";

/** `000.jpg` or `jpg`: a file that is a picture. */
export function isFrame(suffix: string): boolean {
  return suffix === "jpg" || suffix.endsWith(".jpg");
}

/** `000.jpg`: the suffix of the picture with this number. */
export function frameSuffix(number: number): string {
  return `${String(number).padStart(3, "0")}.jpg`;
}
