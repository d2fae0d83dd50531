import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultKind } from "./faults.ts";

export interface LoggedRequest {
  readonly server: "hub" | "cdn";
  readonly method: string;
  /** As it was asked for, without the query. */
  readonly path: string;
  readonly query: string;
  readonly range: string | null;
  readonly hadAuthorization: boolean;
  /** When it came, by this process's performance clock. */
  readonly atMs: number;
  /** The hosted file that the request is about. */
  file: string | null;
  /** 0 until headers are sent. */
  readonly status: number;
  /** The answer is sent, or the connection is closed. */
  isOver: boolean;
  /** Of the body, as handed to the socket. */
  bytesSent: number;
  fault: FaultKind | null;
}

export function logRequest(
  log: LoggedRequest[],
  server: "hub" | "cdn",
  request: IncomingMessage,
  response: ServerResponse,
): LoggedRequest {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const logged: LoggedRequest = {
    server,
    method: request.method ?? "",
    path,
    query,
    range: request.headers.range ?? null,
    hadAuthorization: request.headers.authorization !== undefined,
    atMs: performance.now(),
    file: null,
    get status() {
      return response.headersSent ? response.statusCode : 0;
    },
    isOver: false,
    bytesSent: 0,
    fault: null,
  };
  response.once("close", () => {
    logged.isOver = true;
  });
  log.push(logged);
  return logged;
}
