import type { IncomingMessage } from "node:http";
import type { FaultKind } from "./faults.ts";

export interface LoggedRequest {
  readonly server: "hub" | "cdn";
  readonly method: string;
  /** As it was asked for, without the query. */
  readonly path: string;
  readonly query: string;
  readonly range: string | null;
  readonly hadAuthorization: boolean;
  /** The hosted file that the request is about. */
  file: string | null;
  status: number;
  /** Of the body, as handed to the socket. */
  bytesSent: number;
  fault: FaultKind | null;
}

export function logRequest(
  log: LoggedRequest[],
  server: "hub" | "cdn",
  request: IncomingMessage,
): LoggedRequest {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const logged: LoggedRequest = {
    server,
    method: request.method ?? "",
    path,
    query,
    range: request.headers.range ?? null,
    hadAuthorization: request.headers.authorization !== undefined,
    file: null,
    status: 0,
    bytesSent: 0,
    fault: null,
  };
  log.push(logged);
  return logged;
}
