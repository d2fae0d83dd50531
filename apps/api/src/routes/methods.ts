import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiProblem } from "../secure/api-problem.ts";
import type { App } from "./app.ts";

/** Notes every route that is added from here on; the answer to an address that has none, or none for its method. */
export function watchRoutes(app: App): (request: FastifyRequest, reply: FastifyReply) => never {
  const routes: { readonly words: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    routes.push({ words: wordsOf(url), methods: Array.isArray(method) ? method : [method] });
  });
  return (request, reply) => {
    const asked = wordsOf(request.url.replace(/[?#].*$/s, ""));
    const methods = new Set(
      routes.filter(({ words }) => isAt(words, asked)).flatMap((route) => route.methods),
    );
    if (methods.size === 0) throw ApiProblem.notFound("there is nothing at this address");
    const allowed = [...methods].sort().join(", ");
    reply.header("allow", allowed);
    throw new ApiProblem("method_not_allowed", `this address takes ${allowed}, and not ${request.method}`);
  };
}

function wordsOf(url: string): string[] {
  return url.split("/");
}

function isAt(words: readonly string[], asked: readonly string[]): boolean {
  return (
    words.length === asked.length &&
    words.every((word, at) => (word.startsWith(":") ? asked[at] !== "" : word === asked[at]))
  );
}
