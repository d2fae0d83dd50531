import type { MixPlan } from "../plan/mix-plan.ts";
import { energonFiles } from "./energon-files.ts";
import type { MixFile } from "./mix-file.ts";
import { trainerFiles } from "./trainer-files.ts";
import { webdatasetFiles } from "./webdataset-files.ts";

/** What each reader of a mix is told, in folders of their own. Paths in a file are relative to it. Same plan, same bytes. */
export function mixFiles(plan: MixPlan): MixFile[] {
  return plan.readers.flatMap((reader) => {
    switch (reader) {
      case "webdataset":
        return webdatasetFiles(plan);
      case "energon":
        return energonFiles(plan);
      case "trainer":
        return trainerFiles(plan);
      default:
        return reader satisfies never;
    }
  });
}
