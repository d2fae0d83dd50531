import type { Distribution } from "../facts/distribution.ts";

/** A stretch of text. Whatever it says is shown as it is: each form escapes it by its own rules. */
export type Inline =
  | string
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong"; readonly text: string }
  /** A judgement: the word is told, too, so that nobody needs the colour. */
  | { readonly kind: "known"; readonly known: "yes" | "no" | "unknown" }
  | { readonly kind: "link"; readonly text: string; readonly url: string };

export type Cell = Inline | readonly Inline[];

export interface Table {
  readonly kind: "table";
  readonly caption: string;
  readonly header: readonly string[];
  /** By column; left unless told. */
  readonly align: readonly ("left" | "right")[];
  readonly rows: readonly (readonly Cell[])[];
  /** The last row is the sum of the others. */
  readonly hasSum?: boolean;
}

/** A distribution as a picture; `file` is where its SVG lies beside the document. */
export interface Chart {
  readonly kind: "chart";
  readonly file: string;
  readonly title: string;
  /** What the picture shows, in words: for whoever does not see it. */
  readonly words: string;
  readonly axis: string;
  readonly distribution: Distribution;
}

export type Block =
  | { readonly kind: "heading"; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: readonly Inline[] }
  | { readonly kind: "notice"; readonly title: string; readonly lines: readonly string[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Inline[])[] }
  | Table
  | { readonly kind: "charts"; readonly charts: readonly Chart[] }
  | { readonly kind: "picture"; readonly file: string; readonly words: string; readonly caption: string }
  | { readonly kind: "source"; readonly language: string; readonly text: string };

export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  readonly blocks: readonly Block[];
}
