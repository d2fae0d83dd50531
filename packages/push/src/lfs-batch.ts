import { Failure } from "@shardmill/core";
import type { HubRepo } from "@shardmill/sources";
import { z } from "zod";
import { parsed } from "./parsed.ts";
import type { WantedFile } from "./wanted-file.ts";

export const lfsHeaders = {
  accept: "application/vnd.git-lfs+json",
  "content-type": "application/vnd.git-lfs+json",
} as const;

const actionSchema = z.object({ href: z.string(), header: z.record(z.string(), z.string()).optional() });
const batchSchema = z.object({
  objects: z.array(
    z.object({
      oid: z.string(),
      error: z.object({ code: z.int(), message: z.string().optional() }).optional(),
      actions: z.object({ upload: actionSchema.optional(), verify: actionSchema.optional() }).optional(),
    }),
  ),
});

export type LfsAction = z.output<typeof actionSchema>;

/** Where the bytes of a file go. */
export interface Upload {
  readonly file: WantedFile;
  /** Null: the Hub has them. */
  readonly to: LfsAction | null;
  readonly verify: LfsAction | null;
}

/**
 * Asks where objects go (git-lfs, Batch API; `multipart` is the Hub's own transfer). Not by xet, which the Hub would
 * rather have: hashing its chunks costs eight times the CPU.
 */
export async function askForUploads(
  { repo, branch }: { readonly repo: HubRepo; readonly branch: string },
  files: readonly WantedFile[],
  signal: AbortSignal,
): Promise<Upload[]> {
  if (files.length === 0) return [];
  const reply = await repo.send(
    {
      to: `/datasets/${repo.name}.git/info/lfs/objects/batch`,
      method: "POST",
      headers: lfsHeaders,
      body: JSON.stringify({
        operation: "upload",
        transfers: ["basic", "multipart"],
        hash_algo: "sha_256",
        ref: { name: branch },
        objects: files.map(({ sha256, sizeBytes }) => ({ oid: sha256, size: sizeBytes })),
      }),
    },
    signal,
  );
  const { objects } = parsed(repo, batchSchema, reply.value);
  return files.map((file) => {
    const object = objects.find(({ oid }) => oid === file.sha256);
    if (object === undefined || object.error !== undefined)
      throw refused(repo, file, object?.error?.code ?? null);
    return { file, to: object.actions?.upload ?? null, verify: object.actions?.verify ?? null };
  });
}

function refused({ name }: HubRepo, { path }: WantedFile, code: number | null): Failure {
  const how = code === null ? "the Hub does not say where it goes" : `the Hub refuses it (${code})`;
  return new Failure(code === null ? "source_invalid" : "push_refused", `${path} of hub:${name}: ${how}`, {
    where: { path },
  });
}
