import { Failure } from "@shardmill/core";
import type { HashedBytes } from "./hashed-bytes.ts";
import { lfsHeaders } from "./lfs-batch.ts";
import type { Sending } from "./sending.ts";
import type { WantedFile } from "./wanted-file.ts";

interface Parted {
  readonly file: WantedFile;
  /** Where it is said that all parts are there. */
  readonly href: string;
  /** The part's address under its number, `00001` and on. */
  readonly header: Readonly<Record<string, string>>;
  readonly chunkBytes: number;
  readonly bytes: HashedBytes;
}

/** One part after the other, so that they are hashed as they go. Whether all have arrived; else an address is used up. */
export async function sendParts(
  { repo }: Sending,
  { file, href, header, chunkBytes, bytes }: Parted,
  { accepts, signal }: { readonly accepts: readonly number[]; readonly signal: AbortSignal },
): Promise<boolean> {
  const addresses = addressesOf(header);
  const count = Math.ceil(file.sizeBytes / chunkBytes);
  if (addresses.length !== count) throw wrongCount(file, addresses.length, count);
  const parts: { readonly partNumber: number; readonly etag: string }[] = [];
  for (const [at, to] of addresses.entries()) {
    const start = at * chunkBytes;
    const body = bytes.stretch(start, Math.min(file.sizeBytes, start + chunkBytes));
    const reply = await repo.send(
      {
        to,
        method: "PUT",
        headers: { "content-length": String(body.sizeBytes) },
        body,
        path: file.path,
        accepts,
      },
      signal,
    );
    const etag = reply.headers.get("etag");
    if (reply.status >= 300) return false;
    if (etag === null) throw withoutEtag(file);
    bytes.keep();
    parts.push({ partNumber: at + 1, etag });
  }
  const body = JSON.stringify({ oid: file.sha256, parts });
  const reply = await repo.send(
    { to: href, method: "POST", headers: lfsHeaders, body, path: file.path, accepts },
    signal,
  );
  return reply.status < 300;
}

function addressesOf(header: Readonly<Record<string, string>>): string[] {
  return Object.entries(header)
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, address]) => address);
}

function wrongCount({ path }: WantedFile, found: number, expected: number): Failure {
  return new Failure("source_invalid", `${path}: expected addresses for ${expected} parts, found ${found}`, {
    where: { path },
  });
}

function withoutEtag({ path }: WantedFile): Failure {
  return new Failure("source_invalid", `${path}: a part was taken without an ETag`, { where: { path } });
}
