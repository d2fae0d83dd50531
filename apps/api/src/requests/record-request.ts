import { type Asked, asRecorded } from "@shardmill/owner";
import type { FastifyRequest } from "fastify";
import type { RequestAnswer } from "../contract/index.ts";
import type { Service } from "../service.ts";

/** The page says that it is one; what another caller says of itself is told beside its address, and proven by nobody. */
export function originOf({ headers, ip }: FastifyRequest): Asked["origin"] {
  const said = headers["shardmill-client"];
  const name = typeof said === "string" ? said.replace(/[^\x20-\x7e]/g, "").slice(0, 60) : "";
  if (name === "page") return { kind: "page", who: ip };
  return { kind: "api", who: name === "" ? ip : `${name} (${ip})` };
}

/** Called with the work that a request has begun or joined, where it is planned. */
export type OnPlanning = (work: Promise<RequestAnswer>) => void;

/** A request for work, kept with what came of it in the end, also where its caller is answered before that. */
export function recordRequest(
  service: Service,
  dataset: string,
  asked: Asked,
  work: (onPlanning: OnPlanning) => Promise<RequestAnswer>,
): Promise<RequestAnswer> {
  return new Promise((resolve, reject) => {
    let planned: Promise<RequestAnswer> | null = null;
    const whole = async (): Promise<RequestAnswer> => {
      const answer = await work((begun) => {
        planned = begun;
      });
      if (answer.state !== "planning" || planned === null) return answer;
      resolve(answer);
      return planned;
    };
    asRecorded(() => recordsOf(service, dataset), asked, whole, resultOf).then(resolve, reject);
  });
}

/** A request that steers what is at work. */
export function recordSteering<T>(
  service: Service,
  dataset: string,
  asked: Asked,
  work: () => Promise<T>,
): Promise<T> {
  return asRecorded(
    () => recordsOf(service, dataset),
    asked,
    work,
    () => ({ result: "done", parts: null }),
  );
}

function recordsOf(service: Service, dataset: string) {
  return service.isKnown(dataset) ? service.books(dataset).records : null;
}

function resultOf({ state, items }: RequestAnswer): { result: "queued" | "nothing_to_do"; parts: number } {
  return { result: state === "queued" ? "queued" : "nothing_to_do", parts: items.length };
}
