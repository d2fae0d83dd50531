export { isOutOfReach, joinQueue } from "./join-queue.ts";
export { partsAtWork } from "./parts-at-work.ts";
