import { Readable } from "node:stream";
import type { GetObjectCommand, GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { Failure } from "@shardmill/core";
import type { Patience } from "./patience.ts";

export type S3 = typeof import("@aws-sdk/client-s3");

export interface OpenedS3 {
  readonly s3: S3;
  readonly client: S3Client;
}

const quiet = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Keys that were refused may be others by now: a new client reads the files that hold them again, of which the library keeps what it read. */
const readingAnew = { ignoreCache: true };

/** The client is 26 packages: it is loaded when an address is given, and by nobody else. */
export async function openS3(patience: Patience): Promise<OpenedS3> {
  // It says on standard error which Node it will want one day.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const s3 = await import("@aws-sdk/client-s3");
  const endpoint = endpointOf(process.env);
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const client = new s3.S3Client({
    // Stores of others mostly have one region, and buckets in the path; where their region counts, AWS_REGION names it.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true, region: region ?? "us-east-1" }),
    ...(endpoint === null && region !== undefined ? { region } : {}),
    ...readingAnew,
    // A body that is a stream cannot be sent twice by the client: who asks tries again, with a new stream.
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    logger: quiet,
    requestHandler: {
      connectionTimeout: Math.min(10_000, patience.idleMs),
      socketTimeout: patience.idleMs,
      httpAgent: { maxSockets: 64, keepAlive: true },
      httpsAgent: { maxSockets: 64, keepAlive: true },
    },
  });
  await mustHaveRegion(client);
  return { s3, client };
}

/** The client looks for it where it looks for credentials, and says at the first request that there is none. */
async function mustHaveRegion(client: S3Client): Promise<void> {
  const region = await client.config.region().catch(() => "");
  if (region !== "") return;
  throw new Failure(
    "wrong_use",
    "there is no region of the bucket: set AWS_REGION, or S3_ENDPOINT_URL for a store that is not AWS",
  );
}

/**
 * An answer and its body, both given up when the signal aborts. The client leaves a listener on each signal that it is
 * given, and a signal may see a thousand requests: it is given one of its own.
 */
export async function getUntil(
  client: S3Client,
  command: GetObjectCommand,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const stop = new AbortController();
  let body: Readable | null = null;
  const abort = (): void => {
    stop.abort(signal.reason);
    body?.destroy();
  };
  const forget = (): void => signal.removeEventListener("abort", abort);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const answer = await client.send(command, { abortSignal: stop.signal });
    if (answer.Body instanceof Readable) body = answer.Body.once("close", forget);
    else forget();
    return answer;
  } catch (error) {
    forget();
    throw error;
  }
}

/** Null for AWS itself, and for what the client's own variables name. */
function endpointOf(environment: NodeJS.ProcessEnv): string | null {
  const text = environment.S3_ENDPOINT_URL ?? "";
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Failure("wrong_use", "S3_ENDPOINT_URL: expected an http(s) address");
  if (url.username !== "" || url.password !== "")
    throw new Failure(
      "wrong_use",
      "S3_ENDPOINT_URL holds no keys: give them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    );
  return text;
}

function silent(): void {}
