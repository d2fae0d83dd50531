export { grantedToken, ungrantedToken } from "./dataset-repo.ts";
export { type Fault, type FaultKind, healedKinds, mulberry32, type RandomFaults } from "./faults.ts";
export type { LoggedRequest } from "./request-log.ts";
export { type HubStandIn, type StandInOptions, startHubStandIn } from "./start-hub-stand-in.ts";
