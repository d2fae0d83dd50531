import type { IncomingMessage, ServerResponse } from "node:http";
import { type DatasetRepo, decodeSegments, filesAt, isSignatureGood } from "./dataset-repo.ts";
import type { LoggedRequest } from "./request-log.ts";
import { serveBytes } from "./serve-bytes.ts";
import { serveUploads } from "./write-server.ts";

/** The CDN behind signed addresses; and, below /plain/, an ordinary HTTP server with the same files. */
export async function serveCdn(
  repo: DatasetRepo,
  request: IncomingMessage,
  response: ServerResponse,
  logged: LoggedRequest,
): Promise<void> {
  if (await serveUploads({ repo, request, response })) return;
  const url = new URL(request.url ?? "/", repo.cdnOrigin);
  const [, root = "", path = ""] = /^\/(xet-bridge-us|plain)\/(.*)$/.exec(url.pathname) ?? [];
  const file = filesAt(repo, url.searchParams.get("Commit") ?? "main")?.get(decodeSegments(path));
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  logged.file = file.path;
  if (root === "xet-bridge-us" && !isSignatureGood(repo, file.path, url.searchParams)) {
    response.writeHead(403, { "content-type": "application/xml" }).end("<Error>AccessDenied</Error>");
    return;
  }
  await serveBytes(repo, file, file.xetHash, request, response, logged);
}
