import { z } from "zod";
import { inParallel } from "./in-parallel.ts";
import { askForUploads, type Upload } from "./lfs-batch.ts";
import { parsed } from "./parsed.ts";
import { sendObject } from "./send-object.ts";
import type { Sending } from "./sending.ts";
import { bytesOf, type WantedFile } from "./wanted-file.ts";

/** Files that can be committed now. */
export interface ReadyFiles {
  readonly objects: readonly WantedFile[];
  /** Git keeps them itself. */
  readonly inline: readonly WantedFile[];
}

/** Files at once; each is read a megabyte at a time. */
const atOnce = 3;
/** What is larger is never held whole, whatever the Hub would keep it as. */
const inlineUpToBytes = 512 * 1024;
const sampleBytes = 512;

/** Brings the bytes of some files to the Hub, as far as it lacks them. */
export async function sendBatch(
  sending: Sending,
  files: readonly WantedFile[],
  signal: AbortSignal,
): Promise<ReadyFiles & { readonly sentBytes: number }> {
  if (files.length === 0) return { objects: [], inline: [], sentBytes: 0 };
  const regular = await regularPaths(sending, files, signal);
  const isInline = ({ path, oid, sizeBytes }: WantedFile): boolean =>
    oid !== null && sizeBytes <= inlineUpToBytes && regular.has(path);
  const inline = files.filter(isInline);
  const objects = files.filter((file) => !isInline(file));
  for (const file of inline) sending.onFile(file, "inline");
  // Files of one content are one object, which is sent once.
  const ofContent = new Map(objects.map((file) => [file.sha256, file]));
  const uploads = await askForUploads(sending, [...ofContent.values()], signal);
  const sent = await inParallel(uploads, atOnce, (upload, own) => sendOne(sending, upload, own), signal);
  const told = new Set(ofContent.values());
  for (const file of objects) if (!told.has(file)) sending.onFile(file, "known");
  return { objects, inline, sentBytes: sent.reduce((sum, bytes) => sum + bytes, 0) };
}

async function sendOne(sending: Sending, upload: Upload, signal: AbortSignal): Promise<number> {
  const end = await sendObject(sending, upload, signal);
  sending.onFile(upload.file, end);
  return end === "sent" ? upload.file.sizeBytes : 0;
}

const preuploadSchema = z.object({ files: z.array(z.object({ path: z.string(), uploadMode: z.string() })) });

/** Of which files the Hub says that git keeps them itself. */
async function regularPaths(
  { repo, branch }: Sending,
  files: readonly WantedFile[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const asked: unknown[] = [];
  for (const file of files) {
    const end = Math.min(sampleBytes, file.sizeBytes);
    const sample = await bytesOf(file, end, signal);
    asked.push({ path: file.path, size: file.sizeBytes, sample: sample.toString("base64") });
  }
  const reply = await repo.send(
    {
      to: `/api/datasets/${repo.name}/preupload/${encodeURIComponent(branch)}`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ files: asked }),
    },
    signal,
  );
  const answer = parsed(repo, preuploadSchema, reply.value);
  return new Set(answer.files.flatMap(({ path, uploadMode }) => (uploadMode === "regular" ? [path] : [])));
}
