export interface TokensOptions {
  readonly json: boolean;
  /** A folder with a model's tokenizer.json. */
  readonly tokenizer: string;
  /** A folder of pages, whose lines the conversations are made of. */
  readonly texts: string;
  readonly workers: number;
  readonly rounds: number;
  /** Rows, or clips, of each build that is measured; several where each is a measurement of its own. */
  readonly rows: readonly number[];
  /** Rows of the whole build beside the libraries. */
  readonly mill: number;
}
