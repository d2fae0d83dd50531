import { Failure } from "@shardmill/core";
import { systemCode } from "../output-failure.ts";

/** What is known of an error of the client, without its text. */
export interface AnswerError {
  /** Of the answer; null where none came. */
  readonly status: number | null;
  /** Such as SlowDown or AccessDenied. */
  readonly name: string;
}

/** Thrown for an answer that says it is well and is not: an error behind a 200, a body that is cut. */
export class UnsoundAnswer extends Error {
  override readonly name = "UnsoundAnswer";
}

export function answerError(error: unknown): AnswerError {
  if (!(error instanceof Error)) return { status: null, name: "Unknown" };
  const status = statusOf(error);
  const system = systemCode(error);
  const name = status === null && system !== null ? system : error.name;
  return { status, name: /^[A-Za-z0-9_]{1,60}$/.test(name) ? name : "Unknown" };
}

function statusOf(error: object): number | null {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return null;
  const { $metadata } = error;
  return "httpStatusCode" in $metadata && typeof $metadata.httpStatusCode === "number"
    ? $metadata.httpStatusCode
    : null;
}

const passing: ReadonlySet<string> = new Set([
  ...[
    "SlowDown",
    "RequestTimeout",
    "InternalError",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
  ],
  ...["RequestTimeTooSkewed", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody"],
  ...["ConditionalRequestConflict", "OperationAborted", "TimeoutError", "UnsoundAnswer", "TooManyRequests"],
]);

/** Whether the same request may well go through in a while. Of a request without any answer that is assumed. */
export function isPassing({ status, name }: AnswerError): boolean {
  if (passing.has(name)) return true;
  if (status === null) return name !== "CredentialsProviderError" && /^E[A-Z]+$/.test(name);
  // A 501 is no fault: the store has no such thing. A 2xx that could not be read was cut.
  return (
    status < 300 || status === 409 || status === 408 || status === 429 || (status >= 500 && status !== 501)
  );
}

const withoutKeys = "CredentialsProviderError";
const refusals: Readonly<Record<string, string>> = {
  [withoutKeys]: "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
  NoSuchBucket: "there is no such bucket",
  AccessDenied: "the credentials are not allowed to",
  Forbidden: "the credentials are not allowed to",
  InvalidAccessKeyId: "the access key is not known there",
  SignatureDoesNotMatch: "the secret key does not fit the access key",
  ExpiredToken: "the credentials have expired",
  ExpiredTokenException: "the credentials have expired",
  InvalidToken: "the session token is not taken",
};

/** A store that has not what a build relies on. */
export function lacks(what: string): Failure {
  return new Failure("output_without_conditions", `this store cannot hold a build: ${what}`);
}

/** An error as a Failure that names the path, in words of our own. */
export function bucketFailure(error: unknown, doing: string, path: string): unknown {
  if (error instanceof Failure) return error;
  const { status, name } = answerError(error);
  // What is neither an answer nor the network is a mistake of ours.
  if (status === null && name !== withoutKeys && !isPassing({ status, name })) return error;
  if (status === 501) return lacks("it has no such request as a put on condition (501)");
  const what = `${doing} ${path}`;
  const where = { path };
  const known = refusals[name];
  if (known !== undefined) return new Failure("output_unwritable", `${what}: ${known} (${name})`, { where });
  if (status !== null && status >= 300 && status < 400) {
    const elsewhere = "the bucket is elsewhere: set AWS_REGION, or S3_ENDPOINT_URL";
    return new Failure("output_unwritable", `${what}: ${elsewhere} (${status})`, { where });
  }
  if (status === 507 || name === "QuotaExceeded")
    return new Failure("output_full", `${what}: the bucket is full (${name})`, { where });
  if (status === 401 || status === 403)
    return new Failure("output_unwritable", `${what}: the store refuses it (${name})`, { where });
  return new Failure("output_io", `${what}: ${status === null ? name : `${name}, status ${status}`}`, {
    where,
  });
}
