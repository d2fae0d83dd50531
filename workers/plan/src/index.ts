export { type PlanWorker, startPlanWorker } from "./start-plan-worker.ts";
