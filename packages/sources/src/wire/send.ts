import { jsonOrNull } from "@shardmill/core";
import { type Answer, ask, type Question } from "./ask.ts";
import { Fault } from "./fault.ts";
import { judgeAnswer, type Subject } from "./judge-answer.ts";
import type { Net } from "./net.ts";
import { Patience } from "./patience.ts";
import { isTransientStatus } from "./retry-rule.ts";
import { slowDownIfAsked } from "./slow-down.ts";

/** What became of something that was sent: whatever the other side says of it, except that it cannot say now. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The body, where it is JSON; else null. */
  readonly value: unknown;
}

export interface SendOptions {
  readonly subject: Subject;
  /**
   * Asked before it is sent again, since what was sent may have been done and only its answer lost. What it gives is the
   * reply; null sends again.
   */
  readonly beforeRepeat?: () => Promise<Reply | null>;
}

/** Full: no later attempt helps, though the number says that the server is at fault (RFC 4918 section 11.5). */
const insufficientStorage = 507;

/** One request that sends something, with retries. Redirects are not followed: what is sent is meant for this address. */
export async function send(
  net: Net,
  question: Question,
  { subject, beforeRepeat }: SendOptions,
  signal: AbortSignal,
): Promise<Reply> {
  const patience = new Patience(net, subject.path);
  for (;;) {
    try {
      return await sendOnce(net, question, subject, signal);
    } catch (error) {
      await patience.after(error, signal);
    }
    const known = await beforeRepeat?.();
    if (known !== undefined && known !== null) return known;
  }
}

async function sendOnce(net: Net, question: Question, subject: Subject, signal: AbortSignal): Promise<Reply> {
  const answer = await ask(net, question, signal);
  const { status, headers } = answer;
  if (status !== insufficientStorage && isTransientStatus(status)) {
    await answer.drain();
    throw judgeAnswer(net, answer, subject);
  }
  const text = await shortText(answer);
  await slowDownIfAsked(net, answer);
  return { status, headers, value: jsonOrNull(text) };
}

/** An answer for a thousand files is a few hundred kilobytes. */
const maxReplyBytes = 16 * 1024 * 1024;

async function shortText(answer: Answer): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.chunks()) {
    bytes += chunk.length;
    if (bytes > maxReplyBytes)
      throw new Fault("invalid_answer", answer.url.host, `an answer above ${maxReplyBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}
