import { ask } from "./ask.ts";
import { Fault } from "./fault.ts";
import { judgeAnswer, type Subject } from "./judge-answer.ts";
import type { Net } from "./net.ts";
import { Patience } from "./patience.ts";
import { waitAskedMs } from "./wait-asked.ts";

/** 10,000 entries of a listing are about 3 MB. */
const maxPageBytes = 64 * 1024 * 1024;

/** One JSON page of an API, with retries; the whole body is here before it is handed on, so a cut costs no more than it. */
export async function fetchPage(
  net: Net,
  url: URL,
  subject: Subject,
  signal: AbortSignal,
): Promise<Response> {
  const patience = new Patience(net, subject.path);
  for (;;) {
    try {
      return await fetchOnce(net, url, subject, signal);
    } catch (error) {
      await patience.after(error, signal);
    }
  }
}

async function fetchOnce(net: Net, start: URL, subject: Subject, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let hops = 0; hops <= 5; hops += 1) {
    const answer = await ask(net, { url, headers: { accept: "application/json" } }, signal);
    const location = answer.headers.get("location");
    if (
      answer.status >= 300 &&
      answer.status < 400 &&
      location !== null &&
      URL.canParse(location, url.href)
    ) {
      await answer.drain();
      url = new URL(location, url);
      continue;
    }
    if (answer.status !== 200) {
      await answer.drain();
      throw judgeAnswer(net, answer, subject);
    }
    const text = await readText(answer.chunks(), url);
    const waitMs = answer.headers.has("ratelimit") ? waitAskedMs(answer.headers, net.clock.now()) : null;
    if (waitMs !== null) await net.gate.pause(url.host, waitMs);
    return new Response(text, { status: 200, headers: pageHeaders(answer.headers) });
  }
  throw new Fault("invalid_answer", url.host, "more than 5 redirects");
}

function pageHeaders(headers: Headers): Headers {
  const kept = new Headers({ "content-type": "application/json" });
  const link = headers.get("link");
  if (link !== null) kept.set("link", link);
  return kept;
}

async function readText(chunks: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxPageBytes)
      throw new Fault("invalid_answer", url.host, `a page above ${maxPageBytes} bytes`);
    parts.push(chunk);
  }
  const text = Buffer.concat(parts).toString("utf8");
  try {
    JSON.parse(text);
  } catch {
    throw new Fault("invalid_answer", url.host, `a page of ${bytes} bytes that is no JSON`);
  }
  return text;
}
