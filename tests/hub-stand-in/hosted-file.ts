import { createHash } from "node:crypto";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** One file of the hosted dataset. */
export interface HostedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Git blob id. */
  readonly oid: string;
  /** Stored as LFS or Xet and served by the CDN; else by the hub itself. */
  readonly isLarge: boolean;
  /** What the CDN calls its ETag: as on the real Hub 64 hex digits, and not the sha256. */
  readonly xetHash: string;
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Small chunks, so that a fault or a closed socket takes effect near its byte. */
const chunkBytes = 16_384;

export function memoryFile(path: string, content: Uint8Array | string, largeFromBytes: number): HostedFile {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
  return {
    ...identity(path, bytes.length, sha256(bytes), largeFromBytes),
    oid: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
    async *read(start, end) {
      for (let at = start; at < end; at += chunkBytes)
        yield bytes.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

/** A file of the listing and nothing else: whoever asks for its bytes is answered with the stand-in's own mistake. */
export function listedFile(path: string, sizeBytes: number, largeFromBytes: number): HostedFile {
  const hash = sha256(`${path} ${sizeBytes}`);
  return {
    ...identity(path, sizeBytes, hash, largeFromBytes),
    oid: hash.slice(0, 40),
    // biome-ignore lint/correctness/useYield: it has nothing to give
    async *read() {
      throw new Error(`${path} is listed only`);
    },
  };
}

/** A large file whose bytes nobody kept: likewise, with the sha256 that it has. */
export function hashedFile(path: string, sizeBytes: number, hash: string): HostedFile {
  return {
    ...listedFile(path, sizeBytes, 0),
    sha256: hash,
    xetHash: sha256(`xet ${hash}`),
  };
}

/** Above this a file on disk is not hashed: its sha256 is invented from name and size, so that sparse 50 GB files are free. */
const hashedUpToBytes = 64 * 1024 * 1024;

export async function folderFiles(folder: string, largeFromBytes: number): Promise<HostedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.replace(/\/+$/, "").length + 1));
  return Promise.all(files.sort().map((path) => diskFile(folder, path, largeFromBytes)));
}

async function diskFile(folder: string, path: string, largeFromBytes: number): Promise<HostedFile> {
  const full = join(folder, path);
  const { size } = await stat(full);
  const isHashed = size <= hashedUpToBytes;
  const content = isHashed ? await readFile(full) : Buffer.from(`${path} ${size}`);
  const blob = createHash("sha1").update(`blob ${size}\0`).update(content).digest("hex");
  return {
    ...identity(path, size, sha256(content), largeFromBytes),
    oid: blob,
    async *read(start, end) {
      const handle = await open(full);
      try {
        for (let at = start; at < end; ) {
          const buffer = Buffer.alloc(Math.min(chunkBytes, end - at));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
          if (bytesRead === 0) return;
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },
  };
}

function identity(path: string, sizeBytes: number, hash: string, largeFromBytes: number) {
  return {
    path,
    sizeBytes,
    sha256: hash,
    xetHash: sha256(`xet ${hash}`),
    isLarge: sizeBytes >= largeFromBytes,
  };
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
