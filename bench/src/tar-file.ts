import { type FileHandle, open } from "node:fs/promises";

const BLOCK = 512;

/** Just enough tar for the bench to write what a shard would hold; the real writer lives in packages/shards. */
export class TarFile implements AsyncDisposable {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<TarFile> {
    return new TarFile(await open(path, "w"));
  }

  async add(entries: readonly { name: string; bytes: Uint8Array }[]): Promise<void> {
    const blocks = entries.flatMap(({ name, bytes }) => [
      tarHeader(name, bytes.byteLength),
      bytes,
      Buffer.alloc((BLOCK - (bytes.byteLength % BLOCK)) % BLOCK),
    ]);
    await this.#file.appendFile(Buffer.concat(blocks));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.appendFile(Buffer.alloc(2 * BLOCK));
    await this.#file.close();
  }
}

/** Of a plain file. */
export function tarHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0        0", 136);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
