import type { Dataset } from "./dataset.ts";
import { nameForm } from "./name-form.ts";
import { basename } from "./names.ts";

/** What two members must not share, in whichever of Unicode's spellings: the basename where annotations are joined on it, else the whole path. */
export function memberIdentity({ annotations }: Pick<Dataset, "annotations">, name: string): string {
  const byPath =
    annotations.kind === "beside" ||
    (annotations.kind === "files" && annotations.match[0] !== "basename" && annotations.match[0] !== "stem");
  return nameForm(byPath ? name : basename(name));
}
