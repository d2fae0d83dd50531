import { unlessAborted } from "@shardmill/core";
import { Fault } from "./fault.ts";
import type { Net } from "./net.ts";
import { type SentBytes, sentStream } from "./sent-bytes.ts";

/** One answer of a server. Whoever gets it reads `chunks` to the end, or calls `drain` or `close`. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly url: URL;
  /** The body, pulled: the socket is read only while the consumer asks. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Reads away a short body, so that the connection can be used again; closes it when the body is long. */
  drain(): Promise<void>;
  close(): void;
}

export interface Question {
  readonly url: URL;
  /** Default GET. */
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | SentBytes;
}

/**
 * One request, after the gate let it pass. Redirects are not followed. A network error, a cut and a silence longer than
 * the idle timeout are Faults; an abort throws signal.reason and destroys the socket.
 */
export async function ask(net: Net, question: Question, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const { url } = question;
  await net.gate.pass(url.host, signal);
  signal.throwIfAborted();
  const line = new Line(net, url, signal);
  const response = await line.waitFor(
    net.fetch(url, {
      method: question.method ?? "GET",
      headers: { "accept-encoding": "identity", ...question.headers, ...credentialFor(net, url) },
      redirect: "manual",
      signal: line.signal,
      ...bodyFor(net, question, line),
    }),
    "unreachable",
  );
  const chunks = () => bodyOf(response, line);
  return {
    status: response.status,
    headers: response.headers,
    url,
    chunks,
    drain: async () => {
      if (Number(response.headers.get("content-length") ?? Number.NaN) > 16_384) return line.close();
      await readAway(chunks());
    },
    close: () => line.close(),
  };
}

/** Bytes that are sent keep the line alive as bytes that come do. */
function bodyFor(net: Net, { body }: Question, line: Line): RequestInit {
  if (body === undefined || typeof body === "string") return body === undefined ? {} : { body };
  const stream = sentStream(net.bandwidth, body, {
    signal: line.signal,
    onChunk: () => line.stir(),
    onFailure: (error) => line.fail(error),
  });
  // Node's fetch wants to be told that the answer is not read before the body is sent; its type does not know the word.
  // A request that could be asked again, after a redirect or by a window, is cloned, as the Fetch standard asks: the clone's body, read
  // by nobody, keeps in memory all that is sent. So what is streamed may not be redirected.
  return { body: stream, duplex: "half", redirect: "error", window: null } as RequestInit;
}

function credentialFor({ credential }: Net, url: URL): Record<string, string> {
  if (credential === null || url.origin !== credential.origin) return {};
  return { authorization: `Bearer ${credential.token}` };
}

async function* bodyOf(response: Response, line: Line): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return line.close();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await line.waitFor(reader.read(), "cut");
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (isDone) line.release();
    else line.close();
  }
}

async function readAway(chunks: AsyncGenerator<Uint8Array>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > 16_384) return;
    }
  } catch (error) {
    // Nobody wanted these bytes: only a cancellation matters.
    if (!(error instanceof Fault)) throw error;
  }
}

/** One connection's life: ended by us, by the caller's signal, or by silence. */
class Line {
  readonly #net: Net;
  readonly #url: URL;
  readonly #outer: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.close();
  #timer: NodeJS.Timeout | null = null;
  /** Of whoever gives the bytes that are sent: no fault of the wire. */
  #failure: { readonly error: unknown } | null = null;

  constructor(net: Net, url: URL, outer: AbortSignal) {
    this.#net = net;
    this.#url = url;
    this.#outer = outer;
    outer.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * The timer runs only while we wait for the other side, never while our consumer is busy. It is a real timer and not
   * the injected clock: it measures the wire.
   */
  async waitFor<T>(promise: Promise<T>, kind: "unreachable" | "cut"): Promise<T> {
    const { idleTimeoutMs } = this.#net;
    let isStalled = false;
    const timer = setTimeout(() => {
      isStalled = true;
      this.#controller.abort();
    }, idleTimeoutMs);
    this.#timer = timer;
    try {
      // Ended by us even where the client does not: a body that came whole as it was aborted can stay unread for ever.
      return await unlessAborted(promise, this.#controller.signal);
    } catch (error) {
      this.close();
      this.#outer.throwIfAborted();
      if (this.#failure !== null) throw this.#failure.error;
      if (isStalled) throw new Fault("stalled", this.#url.host, `no byte for ${idleTimeoutMs} ms`);
      throw new Fault(kind, this.#url.host, reasonOf(error));
    } finally {
      clearTimeout(timer);
      this.#timer = null;
    }
  }

  /** Something moved: the silence begins anew. */
  stir(): void {
    this.#timer?.refresh();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#controller.abort();
  }

  close(): void {
    this.release();
    this.#controller.abort();
  }

  release(): void {
    this.#outer.removeEventListener("abort", this.#onAbort);
  }
}

/** Only the error's code: messages of the HTTP client can hold a whole address with its signature. */
function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && at.code !== "") return at.code;
  }
  return "the connection broke";
}
