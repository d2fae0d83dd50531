export { type MillWorker, type MillWorkerOptions, startMillWorker } from "./start-mill-worker.ts";
