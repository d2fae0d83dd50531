import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { allowImageFormats } from "../encode/allow-image-formats.ts";
import { answer, type Send } from "./answer.ts";
import { encodeMessage, MessageReader } from "./message-stream.ts";

/**
 * A media child: takes one request at a time from descriptor 3 and answers there. Standard output and error
 * belong to the libraries (the pool keeps their tail). It ends with its parent: by the end of descriptor 3, and,
 * while decoding blocks this thread, by the heartbeat thread, which meets a broken pipe on descriptor 4.
 */
const REQUESTS_FD = 3;
const reader = new MessageReader((message) => void answer(message, send));
/** One buffer for all that comes, as large as the kernel hands over at once: each message copies what it keeps. */
const pipeOptions = {
  fd: REQUESTS_FD,
  readable: true,
  writable: true,
  onread: {
    buffer: Buffer.allocUnsafeSlow(256 * 1024),
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      reader.push(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    },
  },
};
const pipe = new Socket(pipeOptions);

const send: Send = (header, parts = []) => {
  pipe.cork();
  for (const chunk of encodeMessage(header, parts)) pipe.write(chunk);
  pipe.uncork();
};

function die(): never {
  try {
    // The group: an ffmpeg process that this child started must not outlive it.
    process.kill(-process.pid, "SIGKILL");
  } finally {
    process.exit(1);
  }
}

allowImageFormats();
new Worker(new URL("./heartbeat.js", import.meta.url)).on("error", die).unref();
pipe.on("error", die);
pipe.on("end", die);
send({ kind: "ready" });
