import type {
  BuildRecord,
  Dataset,
  NamedRecipe,
  PartsAsked,
  TokenizerEntry,
  Toolchain,
} from "@shardmill/core";

/** What a person asks for, before anything is looked up. */
export interface BuildRequest {
  /** Under the output's name. */
  readonly dataset: Dataset;
  /** The catalogue's entry, where the output has a name of its own. */
  readonly entry?: string | undefined;
  /** Its samples are those of another output of the same root, with other text. */
  readonly origin?: string | undefined;
  /** A local folder laid out like the repository, or null for the catalogue's source. */
  readonly sourceFolder: string | null;
  /** Null: all parts. */
  readonly parts: PartsAsked | null;
  /** Settings under a name, below those of the catalogue. */
  readonly named?: NamedRecipe | undefined;
  /** `key=value` pairs over the catalogue's recipe. */
  readonly settings: readonly string[];
  /** A changed recipe or source replaces what stands, instead of being refused. */
  readonly rebuild: boolean;
}

export interface NewBuild extends BuildRequest {
  /** A recorded build that is only looked at again: what was asked of it stays as it was, and `parts` says nothing. */
  readonly again?: BuildRecord;
  /** Where the tokenizer is that a recipe names; throws a Failure `wrong_use` where there is none of that name. */
  readonly tokenizers?: FindTokenizer | undefined;
  readonly toolchain: (decoder: "libav" | "process") => Promise<Toolchain>;
}

export type FindTokenizer = (
  name: string,
) =>
  | { readonly kind: "entry"; readonly entry: TokenizerEntry }
  | { readonly kind: "folder"; readonly path: string };
