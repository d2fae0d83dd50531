export { grantedToken, ungrantedToken } from "./dataset-repo.ts";
export { type Fault, healedKinds, mulberry32 } from "./faults.ts";

export { type HubStandIn, type StandInOptions, startHubStandIn } from "./start-hub-stand-in.ts";
