export { type PlanWorker, type PlanWorkerOptions, startPlanWorker } from "./start-plan-worker.ts";
