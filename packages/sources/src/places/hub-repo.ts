import { createBranch, createRepo } from "@huggingface/hub";
import { Failure, type FileIdentity } from "@shardmill/core";
import type { Question } from "../wire/ask.ts";
import { encodePath, parseAddress } from "../wire/net.ts";
import { type Reply, send } from "../wire/send.ts";
import type { SourceDeps } from "../wire/source-deps.ts";
import { refusalOf } from "./hub-refusal.ts";
import { addressOf, type Hub, hubOf, isCommit, listTree, subjectOf } from "./hub-source.ts";

/** What a branch is now. */
export type HubBranch =
  | { readonly kind: "commit"; readonly commit: string; readonly isPrivate: boolean }
  | { readonly kind: "no_branch" }
  /** Nor may one that is hidden from this token be told from one that is not there. */
  | { readonly kind: "no_repository" };

interface HubRequest {
  /** A path below the endpoint, or a whole address that the Hub has given. */
  readonly to: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Question["body"];
  /** The file that it is about, for messages. */
  readonly path?: string;
  /** Statuses besides 2xx that are no refusal. */
  readonly accepts?: readonly number[];
  /** As of `send`. */
  readonly beforeRepeat?: () => Promise<Reply | null>;
}

/** A repository of a dataset on the Hub that is written to. The token goes to the endpoint's own origin and nowhere else. */
export interface HubRepo {
  /** `owner/name`. */
  readonly name: string;
  /** Where people see it. */
  readonly page: string;
  readonly hasToken: boolean;
  branch(branch: string, signal: AbortSignal): Promise<HubBranch>;
  create(isPrivate: boolean, signal: AbortSignal): Promise<void>;
  createBranch(branch: string, signal: AbortSignal): Promise<void>;
  list(commit: string, signal: AbortSignal): AsyncIterable<FileIdentity>;
  /** A Failure where the answer is neither 2xx nor accepted. */
  send(request: HubRequest, signal: AbortSignal): Promise<Reply>;
}

/** Nothing is asked before somebody asks. */
export function openHubRepo(
  spec: { readonly repo: string; readonly endpoint: string; readonly token: string | null },
  deps: SourceDeps,
): HubRepo {
  const hub = hubOf({ ...spec, type: "dataset" }, deps);
  const repo = { type: "dataset" as const, name: hub.repo };
  return {
    name: hub.repo,
    page: `${hub.endpoint}/datasets/${hub.repo}`,
    hasToken: hub.net.credential !== null,
    branch: (branch, signal) => lookAt(hub, branch, signal),
    async create(isPrivate, signal) {
      // The client's own check of a token knows those of huggingface.co only, and ours is sent by `ask`.
      const given = { accessToken: "", hubUrl: hub.endpoint, fetch: seamOf(hub, signal) };
      await createRepo({ repo, ...given, ...(isPrivate && { visibility: "private" }) });
    },
    async createBranch(branch, signal) {
      await createBranch({ repo, branch, hubUrl: hub.endpoint, fetch: seamOf(hub, signal) });
    },
    list: (commit, signal) => listTree(hub, commit, signal),
    send: (request, signal) => sendTo(hub, request, signal),
  };
}

async function lookAt(hub: Hub, branch: string, signal: AbortSignal): Promise<HubBranch> {
  const path = encodePath(hub.repo, hub.net.source);
  const to = `/api/datasets/${path}/revision/${encodeURIComponent(branch)}?expand=sha&expand=private`;
  const accepts = hub.net.credential === null ? [401, 404] : [404];
  const { status, headers, value } = await sendTo(hub, { to, method: "GET", accepts }, signal);
  if (headers.get("x-error-code") === "RevisionNotFound") return { kind: "no_branch" };
  if (status === 404 || status === 401) return { kind: "no_repository" };
  const info = typeof value === "object" && value !== null ? value : {};
  const sha = "sha" in info ? info.sha : null;
  const isPrivate = "private" in info && info.private === true;
  if (typeof sha === "string" && isCommit(sha)) return { kind: "commit", commit: sha, isPrivate };
  throw new Failure("source_invalid", `${hub.net.source}: expected the commit of ${branch}, found none`);
}

/** The one door of the Hub's client: retries, pace, token and cancelling come in here. What is there already is as good as made. */
function seamOf(hub: Hub, signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    const request = {
      to: addressOf(input),
      method: "POST" as const,
      headers: { "content-type": "application/json" },
      body: typeof init?.body === "string" ? init.body : "",
      accepts: [409],
    };
    const { value } = await sendTo(hub, request, signal);
    return Response.json(value ?? {});
  };
}

async function sendTo(hub: Hub, request: HubRequest, signal: AbortSignal): Promise<Reply> {
  const { method, headers, body, path, accepts, beforeRepeat } = request;
  const url = addressIn(hub, request.to);
  const question = { url, method, ...(headers && { headers }), ...(body !== undefined && { body }) };
  const subject = { ...subjectOf(hub, "", path ?? null), revision: null };
  const reply = await send(hub.net, question, { subject, ...(beforeRepeat && { beforeRepeat }) }, signal);
  const isFine = (reply.status >= 200 && reply.status < 300) || accepts?.includes(reply.status) === true;
  if (!isFine) throw refusalOf(hub.net, { url, path: path ?? null, reply });
  return reply;
}

/** What the Hub names leads where it says, but not from https to http. */
function addressIn(hub: Hub, to: string): URL {
  const url = parseAddress(to.startsWith("/") ? `${hub.endpoint}${to}` : to, hub.net.source);
  if (url.protocol === "http:" && hub.endpoint.startsWith("https:"))
    throw new Failure("source_invalid", `${hub.net.source}: leads away from https`, { retry: "never" });
  return url;
}
