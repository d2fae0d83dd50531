import type { HubRepo } from "@shardmill/sources";
import type { WantedFile } from "./wanted-file.ts";

/** `sent`: its bytes went over. `known`: the Hub had them from somewhere. `inline`: they go with the commit. */
export type FileEnd = "sent" | "known" | "inline";

/** What files are sent with. */
export interface Sending {
  readonly repo: HubRepo;
  readonly branch: string;
  readonly onBytes: (file: WantedFile, doneBytes: number) => void;
  readonly onFile: (file: WantedFile, end: FileEnd) => void;
}
