/** One request as the stand-in saw it. */
export interface SeenRequest {
  readonly verb: "PUT" | "GET" | "HEAD" | "LIST" | "DELETE" | "DELETES";
  readonly key: string;
  /** From 1. */
  readonly number: number;
  readonly isConditional: boolean;
  /** As the header has it. */
  readonly range: string | null;
}

/**
 * What goes wrong with a request: an answer of that status, a connection that is cut before or after it was done, a 200
 * with an error in it after it was done, half a body, or no answer until the client gives up.
 */
export type S3Fault =
  | { readonly kind: "status"; readonly status: number; readonly code: string }
  | { readonly kind: "cut-before" }
  | { readonly kind: "cut-after" }
  | { readonly kind: "error-in-200" }
  | { readonly kind: "cut-body" }
  | { readonly kind: "stall" }
  | { readonly kind: "slow"; readonly ms: number };

export type FaultPlan = (request: SeenRequest) => S3Fault | null;

interface KnownFault {
  readonly fault: S3Fault;
  can(request: SeenRequest): boolean;
}

const any = (): boolean => true;

/** What a store may do to a request, each of which the client has to live with. */
export const knownFaults: Readonly<Record<string, KnownFault>> = {
  "a 503": { fault: { kind: "status", status: 503, code: "SlowDown" }, can: any },
  "a 409 for conditional puts": {
    fault: { kind: "status", status: 409, code: "ConditionalRequestConflict" },
    can: (seen) => seen.isConditional,
  },
  "no answer, and nothing done": { fault: { kind: "cut-before" }, can: any },
  "no answer, and all done": { fault: { kind: "cut-after" }, can: any },
  "an error inside a 200": { fault: { kind: "error-in-200" }, can: ({ verb }) => verb !== "GET" },
  "half a body": { fault: { kind: "cut-body" }, can: ({ verb }) => verb === "GET" },
  "a spoiled body": {
    fault: { kind: "status", status: 400, code: "BadDigest" },
    can: ({ verb }) => verb === "PUT",
  },
  "a slow answer": { fault: { kind: "slow", ms: 20 }, can: any },
};

/** Every third request goes wrong, in the ways that it can, one after the other. */
export function troubled(ways: readonly KnownFault[]): FaultPlan {
  let next = 0;
  return (request) => {
    if (request.number % 3 !== 1) return null;
    for (let tried = 0; tried < ways.length; tried += 1) {
      const way = ways[next % ways.length];
      next += 1;
      if (way?.can(request) === true) return way.fault;
    }
    return null;
  };
}
