export type { OwnNames } from "./compare-tree.ts";
export { type PushPlan, planPush } from "./plan-push.ts";
export { type PushResult, push } from "./push.ts";
export type { FileEnd } from "./sending.ts";
export type { WantedFile } from "./wanted-file.ts";
export { type PushedOutput, placeOfShards, wantedFiles } from "./wanted-files.ts";
