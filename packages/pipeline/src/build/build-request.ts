import type { BuildRecord, Dataset, PartsAsked, Toolchain } from "@shardmill/core";

/** What a person asks for, before anything is looked up. */
export interface BuildRequest {
  readonly dataset: Dataset;
  /** A local folder laid out like the repository, or null for the catalogue's source. */
  readonly sourceFolder: string | null;
  /** Null: all parts. */
  readonly parts: PartsAsked | null;
  /** `key=value` pairs over the catalogue's recipe. */
  readonly settings: readonly string[];
  /** A changed recipe or source replaces what stands, instead of being refused. */
  readonly rebuild: boolean;
}

export interface NewBuild extends BuildRequest {
  /** A recorded build that is only looked at again: what was asked of it stays as it was, and `parts` says nothing. */
  readonly again?: BuildRecord;
  readonly toolchain: (decoder: "libav" | "process") => Promise<Toolchain>;
}
