import type { Reply } from "@shardmill/sources";
import { HashedBytes } from "./hashed-bytes.ts";
import { askForUploads, type LfsAction, lfsHeaders, type Upload } from "./lfs-batch.ts";
import { sendParts } from "./send-parts.ts";
import type { FileEnd, Sending } from "./sending.ts";

/** What an address says that is used up: a new one is asked for. */
const usedUp = [400, 403, 404, 409, 410];
const mostAddresses = 4;

/**
 * One object, whole or in parts as the Hub wants it. Before it is sent again the Hub is asked whether it has arrived: an answer
 * may be lost on the way back. Its addresses are signed and run out.
 */
export async function sendObject(sending: Sending, first: Upload, signal: AbortSignal): Promise<FileEnd> {
  let upload = first;
  for (let addresses = 1; ; addresses += 1) {
    if (upload.to === null) return addresses === 1 ? "known" : "sent";
    const accepts = addresses < mostAddresses ? usedUp : [];
    if (await sendTo(sending, upload, upload.to, { accepts, signal })) {
      if (upload.verify !== null) await verify(sending, upload, upload.verify, signal);
      return "sent";
    }
    upload = await again(sending, upload, signal);
  }
}

interface Attempt {
  readonly accepts: readonly number[];
  readonly signal: AbortSignal;
}

/** Whether it has arrived; else its address is used up. */
async function sendTo(
  sending: Sending,
  upload: Upload,
  { href, header = {} }: LfsAction,
  { accepts, signal }: Attempt,
): Promise<boolean> {
  const { file } = upload;
  const bytes = new HashedBytes(file, (done) => sending.onBytes(file, done));
  const chunkBytes = Number(header.chunk_size ?? Number.NaN);
  if (Number.isSafeInteger(chunkBytes) && chunkBytes > 0)
    return sendParts(sending, { file, href, header, chunkBytes, bytes }, { accepts, signal });
  const reply = await sending.repo.send(
    {
      to: href,
      method: "PUT",
      headers: { ...header, "content-length": String(file.sizeBytes) },
      body: bytes.stretch(0, file.sizeBytes),
      path: file.path,
      accepts,
      beforeRepeat: async () => ((await again(sending, upload, signal)).to === null ? arrived : null),
    },
    signal,
  );
  return reply.status < 300;
}

const arrived: Reply = { status: 200, headers: new Headers(), value: null };

async function again(sending: Sending, upload: Upload, signal: AbortSignal): Promise<Upload> {
  const [now = upload] = await askForUploads(sending, [upload.file], signal);
  return now;
}

async function verify(
  { repo }: Sending,
  { file }: Upload,
  { href, header = {} }: LfsAction,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ oid: file.sha256, size: file.sizeBytes });
  await repo.send(
    { to: href, method: "POST", headers: { ...header, ...lfsHeaders }, body, path: file.path },
    signal,
  );
}
