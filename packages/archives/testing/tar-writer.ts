import { pack } from "tar-stream";
import { collect } from "./collect.ts";

/** One raw tar entry to write. Whatever is not given is what an honest writer would put there. */
export interface TarInput {
  readonly name: string | Buffer;
  readonly data?: Uint8Array;
  readonly type?: string;
  /** What the header says instead of the truth. */
  readonly sizeBytes?: number;
  readonly magic?: "ustar" | "gnu" | "v7";
}

/** Writes headers as they are asked for, lies included. */
export function rawTar(inputs: readonly TarInput[], endBlocks = 2): Buffer {
  const blocks: Buffer[] = [];
  for (const input of inputs) {
    const data = Buffer.from(input.data ?? Buffer.alloc(0));
    blocks.push(
      header(input, input.sizeBytes ?? data.length),
      data,
      Buffer.alloc((512 - (data.length % 512)) % 512),
    );
  }
  return Buffer.concat([...blocks, Buffer.alloc(512 * endBlocks)]);
}

function header(input: TarInput, sizeBytes: number): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(input.name).copy(block, 0, 0, 100);
  block.write("0000644\u00000000000\u00000000000\u0000", 100, "latin1");
  if (sizeBytes < 0o77777777777) block.write(sizeBytes.toString(8).padStart(11, "0"), 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  block.write("00000000000", 136);
  block.write(input.type ?? "0", 156, "latin1");
  if (input.magic !== "v7")
    block.write(input.magic === "gnu" ? "ustar  \u0000" : "ustar\u000000", 257, "latin1");
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}

/** A pax record with its own length in front. */
export function paxRecord(key: string, value: string): Buffer {
  const body = Buffer.byteLength(` ${key}=${value}\n`);
  let length = body + 1;
  while (String(length).length + body !== length) length = String(length).length + body;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** A tar as tar-stream writes it. */
export async function packedTar(files: readonly { name: string; data: Uint8Array }[]): Promise<Buffer> {
  const tar = pack();
  const chunks = collect(bytesOf(tar));
  for (const { name, data } of files)
    await new Promise<void>((resolve, reject) => {
      tar.entry({ name }, Buffer.from(data), (error) => (error ? reject(error) : resolve()));
    });
  tar.finalize();
  return Buffer.concat(await chunks);
}

async function* bytesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) if (chunk instanceof Uint8Array) yield chunk;
}
