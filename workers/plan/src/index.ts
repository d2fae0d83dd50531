export { enqueueBuild, type OrderedPart } from "./enqueue-build.ts";
export { type PlanWorker, startPlanWorker } from "./start-plan-worker.ts";
