import type { Problem } from "@shardmill/api/contract";
import { authorization } from "./token.ts";

/** An answer that is no success, in words for a person. */
export class Refusal extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

const unreachable: Problem = {
  code: "unreachable",
  message: "the service does not answer",
  remedy: "it may be starting again; this page keeps trying",
};

/** Asks the API. What it answers is typed by the contract, which the service's own tests hold it to. */
export async function ask<T>(
  path: string,
  init: { body?: unknown; method?: string; signal?: AbortSignal } = {},
): Promise<T> {
  const answer = await send(path, init);
  return (await answer.json()) as T;
}

export async function askForBlob(path: string, signal: AbortSignal): Promise<Blob> {
  return (await send(path, { signal })).blob();
}

async function send(
  path: string,
  init: { body?: unknown; method?: string; signal?: AbortSignal },
): Promise<Response> {
  const { body, signal } = init;
  const headers = {
    ...authorization(),
    "shardmill-client": "page",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const request: RequestInit = { method: init.method ?? (body === undefined ? "GET" : "POST"), headers };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (signal !== undefined) request.signal = signal;
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Refusal(0, unreachable);
  }
  if (answer.ok) return answer;
  throw new Refusal(answer.status, await problemOf(answer));
}

async function problemOf(answer: Response): Promise<Problem> {
  const told: unknown = await answer.json().catch(() => null);
  if (typeof told === "object" && told !== null && "code" in told && "message" in told && "remedy" in told) {
    return { code: String(told.code), message: String(told.message), remedy: String(told.remedy) };
  }
  return { ...unreachable, message: `the service answered ${answer.status}` };
}
