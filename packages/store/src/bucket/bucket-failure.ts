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
  const system = systemCode(error) ?? certificateCode(error);
  const name = status === null && system !== null ? system : error.name;
  return { status, name: /^[A-Za-z0-9_]{1,60}$/.test(name) ? name : "Unknown" };
}

/** What Node says of a certificate that it does not take. */
function certificateCode(error: Error): string | null {
  if (!("code" in error) || typeof error.code !== "string") return null;
  return /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/.test(error.code)
    ? error.code
    : null;
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
  if (status === null) return name !== "CredentialsProviderError" && /^E(?!RR_)[A-Z_]+$/.test(name);
  // A 501 is no fault: the store has no such thing. A 2xx that could not be read was cut.
  return (
    status < 300 || status === 409 || status === 408 || status === 429 || (status >= 500 && status !== 501)
  );
}

const withoutKeys = "CredentialsProviderError";
const refusals: Readonly<Record<string, string>> = {
  [withoutKeys]: "there are no credentials",
  NoSuchBucket: "there is no such bucket",
  AccessDenied: "the credentials are not allowed to",
  Forbidden: "the credentials are not allowed to",
  InvalidAccessKeyId: "the access key is not known there",
  SignatureDoesNotMatch: "the secret key does not fit the access key",
  ExpiredToken: "the credentials have expired",
  ExpiredTokenException: "the credentials have expired",
  TokenRefreshRequired: "the credentials have expired",
  InvalidToken: "the session token is not taken",
  RequestTimeTooSkewed: "the clock of this machine is not that of the store",
};

/** Where the network ends, by what the system says. */
const silences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its host is not found",
  EAI_AGAIN: "its host is not found at the moment",
  ECONNRESET: "the connection breaks",
  EPIPE: "the connection breaks",
  ETIMEDOUT: "no answer came in time",
  TimeoutError: "no answer came in time",
  ENETUNREACH: "there is no way to it",
  EHOSTUNREACH: "there is no way to it",
};

/** A store that has not what a build relies on. */
export function lacks(what: string): Failure {
  return new Failure("output_without_conditions", `this store cannot hold a build: ${what}`);
}

/** A store that does not do it for these credentials, or has no such bucket. */
export function refusal(what: string, name: string, path: string): Failure {
  const why = refusals[name] ?? "the store refuses it";
  return new Failure("bucket_refused", `${what}: ${why} (${name})`, { where: { path } });
}

/** An error as a Failure that names the path, in words of our own. */
export function bucketFailure(error: unknown, doing: string, path: string): unknown {
  if (error instanceof Failure) return error;
  const { status, name } = answerError(error);
  // What is neither an answer nor the network is a mistake of ours.
  const isOfNetwork = isPassing({ status, name }) || /^[A-Z_]+$/.test(name);
  if (status === null && name !== withoutKeys && !isOfNetwork) return error;
  if (status === 501) return lacks("it has no such request as a put on condition (501)");
  const what = `${doing} ${path === "" ? "the bucket" : path}`;
  const where = { path };
  if (refusals[name] !== undefined || status === 401 || status === 403) return refusal(what, name, path);
  if (status !== null && status >= 300 && status < 400) {
    const elsewhere = "the bucket is elsewhere: set AWS_REGION, or S3_ENDPOINT_URL";
    return new Failure("bucket_refused", `${what}: ${elsewhere} (${status})`, { where });
  }
  if (status === 507 || name === "QuotaExceeded")
    return new Failure("output_full", `${what}: the bucket is full (${name})`, { where });
  const answer = status === null ? name : `${name}, status ${status}`;
  if (status === null && !isPassing({ status, name }))
    return new Failure("bucket_refused", `${what}: its certificate is not taken (${name})`, { where });
  if (!isPassing({ status, name })) return new Failure("output_io", `${what}: ${answer}`, { where });
  const silence = silences[name] ?? (status === null ? "it does not answer" : "it does not answer well");
  return new Failure("bucket_away", `${what}: ${silence} (${answer})`, { where });
}
