import type { IncomingMessage, ServerResponse } from "node:http";

/** Kinds of failure, one after the other. `lost`: what was asked is done, and nobody is told. */
const kinds = ["503", "cut", "lost", "429"] as const;

/** Fails every n-th request of both servers together. */
export class FailEvery {
  #every: number;
  #requests = 0;
  #failures = 0;

  constructor(every: number | null) {
    this.#every = every ?? Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#every = Number.POSITIVE_INFINITY;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Whether that was the answer. */
  befalls(request: IncomingMessage, response: ServerResponse): boolean {
    this.#requests += 1;
    if (this.#requests % this.#every !== 0) return false;
    const kind = kinds[this.#failures % kinds.length];
    this.#failures += 1;
    if (kind === "lost") {
      response.end = () => response.destroy();
      return false;
    }
    if (kind === "cut") request.destroy();
    else {
      request.resume();
      response.writeHead(Number(kind), kind === "429" ? { "retry-after": "0" } : {}).end("not now");
    }
    return true;
  }
}
