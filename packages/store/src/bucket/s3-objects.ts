import { Readable } from "node:stream";
import type { GetObjectCommandOutput, PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { Failure } from "@shardmill/core";
import type { BucketAddress } from "./bucket-address.ts";
import { answerError, lacks, refusal, UnsoundAnswer } from "./bucket-failure.ts";
import type {
  ListedPage,
  ObjectBody,
  ObjectFacts,
  ObjectRead,
  Objects,
  PutCondition,
  PutEnd,
} from "./objects.ts";
import { type Patience, patiently } from "./patience.ts";
import { stampOf } from "./read-object.ts";
import { getUntil, type OpenedS3, openS3, type S3 } from "./s3-client.ts";

const removedAtOnce = 1_000;
/** What a store answers where it does not take the credentials. */
const withoutReason: ReadonlySet<number> = new Set([400, 401, 403]);

export async function connectObjects(address: BucketAddress, patience: Patience): Promise<Objects> {
  return new S3Objects(await openS3(patience), address, patience);
}

class S3Objects implements Objects {
  readonly #s3: S3;
  #client: S3Client;
  /** What the client has of credentials was refused: the next request is of one that looks for them anew. */
  #isRefused = false;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #patience: Patience;

  constructor({ s3, client }: OpenedS3, { bucket, prefix }: BucketAddress, patience: Patience) {
    this.#s3 = s3;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.#patience = patience;
  }

  async put(path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd> {
    const end = await this.#ask({ doing: "writing", path }, (client) =>
      this.#putOnce(client, path, body, condition),
    );
    if (end.kind === "done" || (condition.isNew !== true && condition.replaces === undefined)) return end;
    // Of a request whose answer was lost, the next one finds what it put itself.
    const there = await this.head(path);
    return there?.writer === condition.writer ? { kind: "done", etag: there.etag } : end;
  }

  async get(
    path: string,
    asked: Parameters<Objects["get"]>[1],
    signal: AbortSignal | null,
  ): ReturnType<Objects["get"]> {
    return this.#ask({ doing: "reading", path, signal }, async (client) => {
      try {
        const command = new this.#s3.GetObjectCommand({ ...this.#at(path), ...headersOf(asked) });
        const answer = signal === null ? await client.send(command) : await getUntil(client, command, signal);
        return opened(answer, asked.range !== null);
      } catch (error) {
        const { status, name } = answerError(error);
        if (status === 416) return "beyond";
        if (status === 304) return "same";
        if (status === 404 && name !== "NoSuchBucket") return null;
        throw error;
      }
    });
  }

  async head(path: string): Promise<ObjectFacts | null> {
    return this.#ask({ doing: "looking at", path }, async (client) => {
      try {
        const found = await client.send(new this.#s3.HeadObjectCommand({ ...this.#at(path) }));
        if (found.ETag === undefined) throw new UnsoundAnswer();
        return {
          etag: found.ETag,
          sizeBytes: found.ContentLength ?? 0,
          modifiedMs: found.LastModified?.getTime() ?? 0,
          writer: found.Metadata?.[writerName] ?? null,
          sha256: found.Metadata?.[sha256Name] ?? null,
        };
      } catch (error) {
        const { status } = answerError(error);
        if (status === 404) return null;
        // An answer without a body does not say why.
        if (status !== null && withoutReason.has(status)) await this.#readFirst(client, path);
        throw error;
      }
    });
  }

  /** Fails for the reason for which nothing can be told of the object. */
  async #readFirst(client: S3Client, path: string): Promise<void> {
    const command = new this.#s3.GetObjectCommand({ ...this.#at(path), Range: "bytes=0-0" });
    const { Body } = await client.send(command);
    if (Body instanceof Readable) Body.destroy();
  }

  async *list(
    start: string,
    { byFolder, most }: { readonly byFolder: boolean; readonly most?: number },
  ): AsyncGenerator<ListedPage> {
    let token: string | undefined;
    do {
      const answer = await this.#ask({ doing: "listing", path: start }, async (client) => {
        const page = await client.send(
          new this.#s3.ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${start}`,
            ...(byFolder && { Delimiter: "/" }),
            ...(most !== undefined && { MaxKeys: most }),
            ...(token !== undefined && { ContinuationToken: token }),
          }),
        );
        // An error behind a 200 is a page without a name, and no empty folder.
        if (
          page.Name === undefined ||
          (page.IsTruncated === true && page.NextContinuationToken === undefined)
        )
          throw new UnsoundAnswer();
        return page;
      });
      yield {
        objects: (answer.Contents ?? []).map(({ Key = "", ETag = "", Size = 0, LastModified }) => ({
          ...{ path: Key.slice(this.#prefix.length), etag: ETag, sizeBytes: Size },
          modifiedMs: LastModified?.getTime() ?? 0,
        })),
        folders: (answer.CommonPrefixes ?? []).flatMap(
          (folder) => folder.Prefix?.slice(this.#prefix.length) ?? [],
        ),
      };
      token = answer.IsTruncated === true && most === undefined ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += removedAtOnce) {
      const some = paths.slice(at, at + removedAtOnce);
      await this.#ask({ doing: "removing", path: some[0] ?? "" }, (client) => this.#removeOnce(client, some));
    }
  }

  async #ask<T>(
    told: { readonly doing: string; readonly path: string; readonly signal?: AbortSignal | null },
    request: (client: S3Client) => Promise<T>,
  ): Promise<T> {
    if (this.#isRefused) this.#client = (await openS3(this.#patience)).client;
    this.#isRefused = false;
    try {
      return await patiently(this.#patience, told, () => request(this.#client));
    } catch (error) {
      this.#isRefused = error instanceof Failure && error.code === "bucket_refused";
      throw error;
    }
  }

  async #removeOnce(client: S3Client, paths: readonly string[]): Promise<void> {
    const [only, ...others] = paths;
    if (only !== undefined && others.length === 0) {
      await client.send(new this.#s3.DeleteObjectCommand(this.#at(only)));
      return;
    }
    const Delete = { Objects: paths.map((path) => ({ Key: this.#at(path).Key })), Quiet: true };
    const answer = await client.send(new this.#s3.DeleteObjectsCommand({ Bucket: this.#bucket, Delete }));
    const [left] = answer.Errors ?? [];
    if (left === undefined) return;
    if (left.Code !== "AccessDenied") throw new UnsoundAnswer();
    const path = (left.Key ?? "").slice(this.#prefix.length);
    throw refusal(`removing ${path}`, "AccessDenied", path);
  }

  #at(path: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${path}` };
  }

  async #putOnce(client: S3Client, path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd> {
    const input = {
      ...this.#at(path),
      ContentLength: body.sizeBytes,
      ChecksumSHA256: Buffer.from(body.sha256, "hex").toString("base64"),
      Metadata: { [writerName]: condition.writer, [sha256Name]: body.sha256 },
      ...(condition.isNew === true && { IfNoneMatch: "*" }),
    };
    if (condition.replaces === undefined) return this.#send(client, input, body);
    // What a tag looks like in a request is told in two ways; of an old one, neither is taken.
    const tag = stampOf(condition.replaces);
    const quoted = await this.#send(client, { ...input, IfMatch: `"${tag}"` }, body);
    return quoted.kind === "done" ? quoted : this.#send(client, { ...input, IfMatch: tag }, body);
  }

  async #send(
    client: S3Client,
    input: Omit<PutObjectCommandInput, "Body">,
    body: ObjectBody,
  ): Promise<PutEnd> {
    const data = body.open();
    const stop = new AbortController();
    const Body = data instanceof Uint8Array ? data : Readable.from(data, { objectMode: false });
    // The client waits for the other side even when the file that it sends cannot be read.
    if (Body instanceof Readable) Body.once("error", (error) => stop.abort(error));
    const command = new this.#s3.PutObjectCommand({ ...input, Body });
    // A stream is signed with its hash, which is known; the client would sign it without.
    command.middlewareStack.add(
      (next) => (args) => next({ ...args, request: withHash(args.request, body.sha256) }),
      { step: "build", name: "shardmillHash" },
    );
    try {
      const { ETag } = await client.send(command, { abortSignal: stop.signal });
      if (ETag === undefined) throw new UnsoundAnswer();
      return { kind: "done", etag: ETag };
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      const { status, name } = answerError(error);
      // Nothing is there that a condition could hold for.
      if (status === 412 || (status === 404 && name !== "NoSuchBucket" && input.IfMatch !== undefined))
        return { kind: "refused" };
      throw error;
    } finally {
      if (Body instanceof Readable) Body.destroy();
    }
  }
}

function headersOf({ range, unless }: Parameters<Objects["get"]>[1]): {
  readonly Range?: string;
  readonly IfNoneMatch?: string;
} {
  return {
    ...(range !== null && { Range: `bytes=${range.start}-${range.end === null ? "" : range.end - 1}` }),
    ...(unless !== null && { IfNoneMatch: `"${unless}"` }),
  };
}

const writerName = "shardmill-writer";
const sha256Name = "shardmill-sha256";

function withHash<T>(request: T, sha256: string): T {
  if (
    typeof request === "object" &&
    request !== null &&
    "headers" in request &&
    request.headers instanceof Object
  )
    Object.assign(request.headers, { "x-amz-content-sha256": sha256 });
  return request;
}

function opened(answer: GetObjectCommandOutput, isRange: boolean): ObjectRead {
  const { ETag, Body, ContentRange, ContentLength } = answer;
  const total = isRange ? Number(/\/(\d+)$/.exec(ContentRange ?? "")?.[1] ?? Number.NaN) : ContentLength;
  if (ETag === undefined || !(Body instanceof Readable) || total === undefined) throw new UnsoundAnswer();
  if (Number.isNaN(total)) {
    Body.destroy();
    throw lacks("it does not read a range of an object");
  }
  return { etag: ETag, sizeBytes: total, body: Body };
}
