import { useEffect, useState } from "preact/hooks";

export type Route =
  | { readonly page: "overview" }
  | { readonly page: "build"; readonly dataset: string; readonly code: string | null }
  | { readonly page: "part"; readonly dataset: string; readonly label: string }
  | { readonly page: "shard"; readonly dataset: string; readonly shard: string; readonly at: number }
  | { readonly page: "sample"; readonly dataset: string; readonly shard: string; readonly key: string }
  | { readonly page: "mixes" }
  | { readonly page: "nowhere" };

/** The page's address lies behind `#`, so that the service has one page to serve and a reload finds it. */
function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const asked = new URLSearchParams(query);
  const [top, dataset, kind, first, second] = path.split("/").map(decodeURIComponent);
  if (top === "" || top === undefined) return { page: "overview" };
  if (top === "mixes" && dataset === undefined) return { page: "mixes" };
  if (top !== "builds" || dataset === undefined) return { page: "nowhere" };
  if (kind === undefined) return { page: "build", dataset, code: asked.get("code") };
  if (kind === "parts" && first !== undefined) return { page: "part", dataset, label: first };
  if (kind === "samples" && first !== undefined) {
    if (second !== undefined) return { page: "sample", dataset, shard: first, key: second };
    return { page: "shard", dataset, shard: first, at: Math.max(1, Number(asked.get("page")) || 1) };
  }
  return { page: "nowhere" };
}

export const to = {
  overview: "#/",
  mixes: "#/mixes",
  build: (dataset: string) => `#/builds/${dataset}`,
  failures: (dataset: string, code: string) => `#/builds/${dataset}?code=${code}`,
  part: (dataset: string, label: string) => `#/builds/${dataset}/parts/${label}`,
  shard: (dataset: string, shard: string, page = 1) =>
    `#/builds/${dataset}/samples/${shard}${page > 1 ? `?page=${page}` : ""}`,
  sample: (dataset: string, shard: string, key: string) => `#/builds/${dataset}/samples/${shard}/${key}`,
};

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return routeOf(hash);
}
