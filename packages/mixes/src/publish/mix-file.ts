/** A file of a published mix: its path below the mix's folder. */
export interface MixFile {
  readonly path: string;
  readonly text: string;
}
