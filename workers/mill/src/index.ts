export { type MillWorker, startMillWorker } from "./start-mill-worker.ts";
