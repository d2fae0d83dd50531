export type { ModelListing } from "./choose-files.ts";
export { type GetResult, getModel } from "./get-model.ts";
export type { FileOutcome } from "./outcome.ts";
