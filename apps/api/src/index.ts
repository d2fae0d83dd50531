export { defaultLimits } from "./api-options.ts";

export { startApi } from "./start-api.ts";
