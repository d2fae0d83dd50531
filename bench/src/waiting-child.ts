/**
 * A media child that only waits: takes a request as the real one does, lets so many milliseconds pass, and sends frames
 * back. `WAIT_MS`, `FRAMES` and `FRAME_BYTES` say how long, and what.
 */
import { Socket } from "node:net";

const [waitMs, frames, frameBytes] = ["WAIT_MS", "FRAMES", "FRAME_BYTES"].map((name) =>
  Number(process.env[name]),
) as [number, number, number];
/** A JPEG to whoever looks at its marks. */
const frame = Buffer.alloc(frameBytes);
frame.set([0xff, 0xd8], 0);
frame.set([0xff, 0xd9], frameBytes - 2);

const answered = {
  kind: "frames",
  timesS: Array.from({ length: frames }, (_, at) => at),
  info: { durationS: frames, width: 224, height: 224, fps: 25, codec: "none" },
  ...{ wanted: frames, decoded: frames, complete: true, decodeErrors: 0, remarks: [] },
};
const head = { bytes: Buffer.alloc(0), length: -1 };
let partBytesLeft = 0;

const pipeOptions = {
  fd: 3,
  readable: true,
  writable: true,
  onread: {
    buffer: Buffer.allocUnsafeSlow(256 * 1024),
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    },
  },
};
const pipe = new Socket(pipeOptions);
pipe.on("end", () => process.exit(0));
pipe.on("error", () => process.exit(1));
send({ kind: "ready" }, []);

/** A member's bytes are counted; the real child copies them to where the decoder reads. */
function take(chunk: Buffer): void {
  let rest = chunk;
  while (rest.length > 0) {
    if (partBytesLeft > 0) {
      const taken = Math.min(partBytesLeft, rest.length);
      partBytesLeft -= taken;
      rest = rest.subarray(taken);
      if (partBytesLeft === 0) setTimeout(() => send(answered, Array(frames).fill(frame)), waitMs);
      continue;
    }
    head.bytes = Buffer.concat([head.bytes, rest]);
    if (head.length < 0 && head.bytes.length >= 4) {
      head.length = head.bytes.readUInt32LE();
      head.bytes = head.bytes.subarray(4);
    }
    if (head.length < 0 || head.bytes.length < head.length) return;
    const header = JSON.parse(head.bytes.toString("utf8", 0, head.length));
    rest = head.bytes.subarray(head.length);
    Object.assign(head, { bytes: Buffer.alloc(0), length: -1 });
    partBytesLeft = header.sizes.reduce((sum: number, size: number) => sum + size, 0);
    if (header.kind === "load") send({ kind: "loaded", version: "none" }, []);
  }
}

function send(header: object, parts: readonly Uint8Array[]): void {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: parts.map(({ length }) => length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  pipe.write(Buffer.concat([length, json, ...parts]));
}
