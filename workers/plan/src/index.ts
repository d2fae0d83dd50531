export { enqueueBuild, jobsOfBuild, type OrderedPart } from "./enqueue-build.ts";
export { type PlanWorker, type PlanWorkerOptions, startPlanWorker } from "./start-plan-worker.ts";
