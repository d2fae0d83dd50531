/** Where a dataset's files are, as the catalogue and the command line say it. */
export type SourceSpec =
  | {
      readonly kind: "hub";
      /** `owner/name` of a dataset repository. */
      readonly repo: string;
      /** A branch, a tag or a commit. A full commit id is used as it is, without asking. */
      readonly revision: string;
      /** `https://huggingface.co`, or another host that speaks the same protocol. */
      readonly endpoint: string;
      /** Sent to the endpoint's own origin and nowhere else. */
      readonly token: string | null;
    }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "http"; readonly base: string; readonly files: readonly string[] };
