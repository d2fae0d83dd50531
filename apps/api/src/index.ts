export {
  type ApiDeps,
  type ApiLimits,
  type ApiOptions,
  defaultLimits,
  type RunningApi,
} from "./api-options.ts";
export { type BuiltApi, buildApi } from "./build-api.ts";
export { catalogueOfMetrics, type MetricName } from "./metrics/read-metrics.ts";
export { isLoopback } from "./secure/guard.ts";
export { startApi } from "./start-api.ts";
