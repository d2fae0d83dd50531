import { Readable } from "node:stream";
import type { GetObjectCommandOutput, PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { Failure } from "@shardmill/core";
import type { BucketAddress } from "./bucket-address.ts";
import { answerError, lacks, UnsoundAnswer } from "./bucket-failure.ts";
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

export async function connectObjects(address: BucketAddress, patience: Patience): Promise<Objects> {
  return new S3Objects(await openS3(patience), address, patience);
}

class S3Objects implements Objects {
  readonly #s3: S3;
  readonly #client: S3Client;
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
    const end = await patiently(this.#patience, { doing: "writing", path }, () =>
      this.#putOnce(path, body, condition),
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
    return patiently(this.#patience, { doing: "reading", path, signal }, async () => {
      try {
        const command = new this.#s3.GetObjectCommand({ ...this.#at(path), ...headersOf(asked) });
        const answer =
          signal === null ? await this.#client.send(command) : await getUntil(this.#client, command, signal);
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
    return patiently(this.#patience, { doing: "looking at", path }, async () => {
      try {
        const found = await this.#client.send(new this.#s3.HeadObjectCommand({ ...this.#at(path) }));
        if (found.ETag === undefined) throw new UnsoundAnswer();
        return {
          etag: found.ETag,
          sizeBytes: found.ContentLength ?? 0,
          modifiedMs: found.LastModified?.getTime() ?? 0,
          writer: found.Metadata?.[writerName] ?? null,
          sha256: found.Metadata?.[sha256Name] ?? null,
        };
      } catch (error) {
        if (answerError(error).status === 404) return null;
        throw error;
      }
    });
  }

  async *list(
    start: string,
    { byFolder, most }: { readonly byFolder: boolean; readonly most?: number },
  ): AsyncGenerator<ListedPage> {
    let token: string | undefined;
    do {
      const answer = await patiently(this.#patience, { doing: "listing", path: start }, async () => {
        const page = await this.#client.send(
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
      await patiently(this.#patience, { doing: "removing", path: some[0] ?? "" }, () =>
        this.#removeOnce(some),
      );
    }
  }

  async #removeOnce(paths: readonly string[]): Promise<void> {
    const [only, ...others] = paths;
    if (only !== undefined && others.length === 0) {
      await this.#client.send(new this.#s3.DeleteObjectCommand(this.#at(only)));
      return;
    }
    const Delete = { Objects: paths.map((path) => ({ Key: this.#at(path).Key })), Quiet: true };
    const answer = await this.#client.send(
      new this.#s3.DeleteObjectsCommand({ Bucket: this.#bucket, Delete }),
    );
    const [left] = answer.Errors ?? [];
    if (left === undefined) return;
    if (left.Code !== "AccessDenied") throw new UnsoundAnswer();
    const path = (left.Key ?? "").slice(this.#prefix.length);
    const message = `removing ${path}: the credentials are not allowed to (AccessDenied)`;
    throw new Failure("output_unwritable", message, { where: { path } });
  }

  #at(path: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${path}` };
  }

  async #putOnce(path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd> {
    const input = {
      ...this.#at(path),
      ContentLength: body.sizeBytes,
      ChecksumSHA256: Buffer.from(body.sha256, "hex").toString("base64"),
      Metadata: { [writerName]: condition.writer, [sha256Name]: body.sha256 },
      ...(condition.isNew === true && { IfNoneMatch: "*" }),
    };
    if (condition.replaces === undefined) return this.#send(input, body);
    // What a tag looks like in a request is told in two ways; of an old one, neither is taken.
    const tag = stampOf(condition.replaces);
    const quoted = await this.#send({ ...input, IfMatch: `"${tag}"` }, body);
    return quoted.kind === "done" ? quoted : this.#send({ ...input, IfMatch: tag }, body);
  }

  async #send(input: Omit<PutObjectCommandInput, "Body">, body: ObjectBody): Promise<PutEnd> {
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
      const { ETag } = await this.#client.send(command, { abortSignal: stop.signal });
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
