/** Where a dataset's files are, as the catalogue and the command line say it. */
export type SourceSpec =
  | {
      readonly kind: "hub";
      /** `owner/name`. */
      readonly repo: string;
      /** A repository of a dataset, which is meant where nothing is said, or of a model, which has a tokenizer's files. */
      readonly type?: "dataset" | "model";
      /** A branch, a tag or a commit. A full commit id is used as it is, without asking. */
      readonly revision: string;
      /** `https://huggingface.co`, or another host that speaks the same protocol. */
      readonly endpoint: string;
      /** Sent to the endpoint's own origin and nowhere else. */
      readonly token: string | null;
    }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "http"; readonly base: string; readonly files: readonly string[] };
