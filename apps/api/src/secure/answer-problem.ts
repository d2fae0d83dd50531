import { type Code, Failure } from "@shardmill/core";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import type { Problem } from "../contract/index.ts";
import { remedyOf } from "../read/remedies.ts";
import { ApiProblem, type RequestCode, requestCodes } from "./api-problem.ts";

const statusOfFailure: Partial<Record<Code, number>> = {
  wrong_use: 400,
  recipe_changed: 409,
  record_newer: 409,
  build_locked: 409,
  toolchain_mismatch: 409,
  queue_unreachable: 503,
  queue_unfit: 503,
  output_full: 507,
  output_away: 503,
  bucket_away: 503,
  bucket_refused: 503,
  source_unreachable: 502,
  source_not_found: 502,
  source_gated: 502,
  source_unauthorized: 502,
  source_rate_limited: 502,
  source_invalid: 502,
};

const requestCodeOfFastify: Record<string, RequestCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "media_type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "bad_request",
  FST_ERR_CTP_INVALID_JSON_BODY: "bad_request",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "bad_request",
  FST_ERR_BAD_URL: "bad_request",
  FST_ERR_MAX_PARAM_LENGTH: "bad_request",
};

/** Every refusal and failure has one shape. What is no Failure is a bug: it is logged, and nothing of it is told. */
export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, problem } = problemOf(error);
  if (problem.code === "internal")
    request.log.error({ err: error, url: request.routeOptions.url }, "request failed");
  void reply.status(status).send(problem);
}

export function problemOf(error: unknown): { status: number; problem: Problem } {
  if (error instanceof ApiProblem) return { status: error.status, problem: error.toJSON() };
  if (error instanceof Failure) {
    const { code, message } = error;
    return { status: statusOfFailure[code] ?? 500, problem: { code, message, remedy: remedyOf(code) } };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const message = error.validation
      .map(
        ({ instancePath, message: said }) => `${instancePath.slice(1) || error.validationContext}: ${said}`,
      )
      .join("; ");
    return answer("bad_request", message.slice(0, 500));
  }
  const { code, statusCode } = codeOf(error);
  const known = requestCodeOfFastify[code];
  if (code === "FST_ERR_BAD_URL" || code === "FST_ERR_MAX_PARAM_LENGTH")
    return answer("bad_request", "the address cannot be read");
  if (known !== undefined) return answer(known, textOf[known] ?? "the request cannot be read");
  if (statusCode === 429) return answer("rate_limited", "too many requests from this address");
  if (statusCode !== null && statusCode >= 400 && statusCode < 500)
    return answer("bad_request", "the request cannot be read");
  return answer("internal", "the service met an error that it did not expect");
}

const textOf: Partial<Record<RequestCode, string>> = {
  body_too_large: "the body is larger than any request of this service",
  media_type: "expected a body of type application/json",
  bad_request: "expected a JSON body",
};

function answer(code: RequestCode, message: string): { status: number; problem: Problem } {
  const { status, remedy } = requestCodes[code];
  return { status, problem: { code, message, remedy } };
}

function codeOf(error: unknown): { code: string; statusCode: number | null } {
  if (typeof error !== "object" || error === null) return { code: "", statusCode: null };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const statusCode = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : null;
  return { code, statusCode };
}
