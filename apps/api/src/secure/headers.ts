import type { FastifyHelmetOptions } from "@fastify/helmet";

/** Nothing but the page's own files runs or loads; frames arrive by fetch and are shown as blobs. */
export const headers: FastifyHelmetOptions = {
  global: true,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "blob:", "data:"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  crossOriginEmbedderPolicy: false,
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
  // The service speaks plain HTTP on loopback; a proxy that adds TLS adds this too.
  strictTransportSecurity: false,
};
