import { askThrough } from "./ask-through.ts";
import { Fault } from "./fault.ts";
import { judgeAnswer, type Subject } from "./judge-answer.ts";
import type { Net } from "./net.ts";
import { Patience } from "./patience.ts";
import { slowDownIfAsked } from "./slow-down.ts";

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

async function fetchOnce(net: Net, url: URL, subject: Subject, signal: AbortSignal): Promise<Response> {
  const answer = await askThrough(net, { url, headers: { accept: "application/json" } }, signal);
  if (answer.status !== 200) {
    await answer.drain();
    throw judgeAnswer(net, answer, subject);
  }
  const text = await readText(answer.chunks(), answer.url);
  await slowDownIfAsked(net, answer);
  return new Response(text, { status: 200, headers: pageHeaders(answer.headers) });
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
