import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Refusal } from "./server-refusal.ts";

/** Codes of Node and OpenSSL for a certificate that is not trusted. */
const certificateCodes: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What an error of the connection says about TLS; null for any other error. */
export function tlsRefusal(error: unknown): Refusal | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return speaksPlainly;
  if (certificateCodes.has(code))
    return {
      what: `has a certificate that is not trusted (${code}): name its authority in NODE_EXTRA_CA_CERTS`,
    };
  return null;
}

/** The first bytes of answers: RESP's simple types (a Redis gives no other one to PING), and a TLS alert (RFC 8446, 5.1). */
const respTypes = "+-";
const tlsAlert = 21;

const speaksTls: Refusal = { what: "speaks TLS: write rediss:// instead of redis://" };
const speaksPlainly: Refusal = { what: "does not speak TLS: write redis:// instead of rediss://" };
const isNoRedis: Refusal = {
  what: "is no Redis: something else answers there; correct the host and the port",
};

/**
 * Whether something else than Redis is at an address, by the first byte that it answers to a PING, or a Redis that does
 * (not) speak TLS; null for a Redis as named, and where there is no answer. The client's own error for it has a text and no code.
 */
export async function strangerAt(url: string, withinMs: number): Promise<Refusal | null> {
  const named = new URL(url);
  const isTls = named.protocol === "rediss:";
  const byte = await firstByteAt(named, isTls, withinMs);
  if (byte === null) {
    const isOther = isResp(await firstByteAt(named, !isTls, withinMs));
    return isOther ? (isTls ? speaksPlainly : speaksTls) : null;
  }
  if (isResp(byte)) return null;
  return byte === tlsAlert ? speaksTls : isNoRedis;
}

function isResp(byte: number | null): boolean {
  return byte !== null && respTypes.includes(String.fromCharCode(byte));
}

function firstByteAt({ hostname, port }: URL, isTls: boolean, withinMs: number): Promise<number | null> {
  const to = { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port === "" ? 6379 : port) };
  return new Promise((resolve) => {
    // Nothing is told to it but PING, so that its certificate does not matter here.
    const socket: Socket = isTls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
    const end = (byte: number | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(byte);
    };
    const timer = setTimeout(() => end(null), withinMs);
    socket.once(isTls ? "secureConnect" : "connect", () => socket.write("PING\r\n"));
    socket.once("data", (chunk: Buffer) => end(chunk[0] ?? null));
    socket.once("error", () => end(null));
    socket.once("close", () => end(null));
  });
}
