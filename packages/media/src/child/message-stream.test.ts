import { describe, expect, it } from "vitest";
import { encodeMessage, type Message, MessageReader } from "./message-stream.ts";

function read(bytes: Buffer, step: number): Message[] {
  const messages: Message[] = [];
  const reader = new MessageReader((message) => messages.push(message));
  for (let at = 0; at < bytes.byteLength; at += step) reader.push(bytes.subarray(at, at + step));
  return messages;
}

describe("messages on the media pipe", () => {
  const stream = Buffer.concat([
    ...encodeMessage({ kind: "frames", time: 0.1 + 0.2 }, [
      Buffer.from("abc"),
      new Uint8Array(),
      Buffer.from("d"),
    ]),
    ...encodeMessage({ kind: "ready" }),
    ...encodeMessage({ kind: "image" }, [new Uint8Array()]),
  ]);

  it("arrive whole and in order however the bytes are cut", () => {
    for (const step of [1, 2, 7, 64, stream.byteLength]) {
      const messages = read(stream, step);
      expect(messages.map(({ header }) => header.kind)).toEqual(["frames", "ready", "image"]);
      expect(messages[0]?.header.time).toBe(0.1 + 0.2);
      expect(messages.map(({ parts }) => parts.map((part) => Buffer.from(part).toString()))).toEqual([
        ["abc", "", "d"],
        [],
        [""],
      ]);
    }
  });

  it("are refused when their framing makes no sense", () => {
    const broken = [
      Buffer.alloc(4),
      Buffer.from([255, 255, 255, 255]),
      Buffer.from("\x02\0\0\0[]"),
      Buffer.from("\x02\0\0\0{}"),
    ];
    for (const bytes of broken) expect(() => read(bytes, 3)).toThrow();
  });
});
