export type { OrderedPart } from "./add-run.ts";
export { attemptsOf } from "./attempts.ts";
export { BuildQueues } from "./build-queues.ts";
export { buildTimeOf, oldestRunOf, readBuildTime, readTimeSigns } from "./build-time.ts";
export { chooseParts } from "./choose-parts.ts";
export { chooseRetry } from "./choose-retry.ts";
export { detachBuild } from "./detach-build.ts";
export type { OwnerEvent } from "./event-buffer.ts";
export { isOutOfReach, isUnderWay, joinQueue } from "./join-queue.ts";
export { logLineOf } from "./log-line.ts";
export type { News } from "./news.ts";
export { type OwnQueue, openOwnQueue } from "./open-own-queue.ts";
export { ownBuild } from "./own-build.ts";
export type { OwnedBuild, OwnWorker } from "./owned-build.ts";
export { OwnedBuilds } from "./owned-builds.ts";
export { readPartLog } from "./part-logs.ts";
export { isAllHeld, partsAtWork } from "./parts-at-work.ts";
export { liftPause, readPause } from "./pause-record.ts";
export {
  type Asked,
  aboutRetry,
  asRecorded,
  commandOrigin,
  readRequests,
} from "./request-log.ts";
export { isLeftToServices } from "./runs.ts";
export { steerBuild } from "./steer-build.ts";
export { steerPart } from "./steer-part.ts";
export { whileAnswering } from "./while-answering.ts";
