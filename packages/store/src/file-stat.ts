export interface FileStat {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly isFolder: boolean;
  /** Two names with one identity are one file. */
  readonly identity: string;
  /** What the store keeps beside a file of its own making, told by `stat` alone; null where it keeps none. */
  readonly sha256?: string | null;
}
