import type { PartState } from "@shardmill/api/contract";
import { useEffect, useState } from "preact/hooks";
import { decoded, takeToken } from "./data/token.ts";
import { stateOrder } from "./parts/state-look.ts";

const partOrders = ["number", "failed", "skipped", "samples", "size"] as const;
export type PartOrder = (typeof partOrders)[number];

/** What is shown of a build's parts: it stands in the address, so that it can be sent and gone back to. */
export interface PartsView {
  readonly state: PartState | null;
  /** In a part's label. */
  readonly search: string;
  readonly order: PartOrder;
  readonly page: number;
}

/** What is shown of what was left out, likewise. */
export interface LeftOutView {
  readonly code: string | null;
  /** In a member's name, or in what was found. */
  readonly search: string;
}

export type Route =
  | { readonly page: "overview" }
  | {
      readonly page: "build";
      readonly dataset: string;
      readonly leftOut: LeftOutView;
      readonly view: PartsView;
    }
  | { readonly page: "compare"; readonly datasets: readonly [string, string] }
  | { readonly page: "part"; readonly dataset: string; readonly label: string }
  | { readonly page: "shard"; readonly dataset: string; readonly shard: string; readonly at: number }
  | { readonly page: "sample"; readonly dataset: string; readonly shard: string; readonly key: string }
  | { readonly page: "mixes" }
  | { readonly page: "nowhere" };

/** The page's address lies behind `#`, so that the service has one page to serve and a reload finds it. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const asked = new URLSearchParams(query);
  const [top, dataset, kind, first, second, ...more] = path.replace(/\/$/, "").split("/").map(decoded);
  if (top === "" || top === undefined) return { page: "overview" };
  if (top === "mixes" && dataset === undefined) return { page: "mixes" };
  if (top === "compare" && dataset === undefined)
    return { page: "compare", datasets: [asked.get("one") ?? "", asked.get("other") ?? ""] };
  if (top !== "builds" || dataset === undefined || more.length > 0) return { page: "nowhere" };
  if (kind === undefined) return { page: "build", dataset, leftOut: leftOutOf(asked), view: viewOf(asked) };
  if (kind === "parts" && first !== undefined && second === undefined)
    return { page: "part", dataset, label: first };
  if (kind === "samples" && first !== undefined) {
    if (second !== undefined) return { page: "sample", dataset, shard: first, key: second };
    return { page: "shard", dataset, shard: first, at: pageOf(asked) };
  }
  return { page: "nowhere" };
}

function leftOutOf(asked: URLSearchParams): LeftOutView {
  return { code: asked.get("code"), search: (asked.get("find") ?? "").slice(0, 200) };
}

function viewOf(asked: URLSearchParams): PartsView {
  return {
    state: stateOrder.find((state) => state === asked.get("state")) ?? null,
    search: (asked.get("part") ?? "").slice(0, 100),
    order: partOrders.find((order) => order === asked.get("order")) ?? "number",
    page: pageOf(asked),
  };
}

function pageOf(asked: URLSearchParams): number {
  const page = Number(asked.get("page"));
  return Number.isSafeInteger(page) && page >= 1 ? Math.min(page, 1_000_000) : 1;
}

export const wholeView: PartsView = { state: null, search: "", order: "number", page: 1 };

const at = (...names: readonly string[]): string => `#/builds/${names.map(encodeURIComponent).join("/")}`;

export const to = {
  overview: "#/",
  mixes: "#/mixes",
  build: (dataset: string) => at(dataset),
  parts: (dataset: string, { state, search, order, page }: PartsView) => {
    const query = new URLSearchParams();
    if (state !== null) query.set("state", state);
    if (search !== "") query.set("part", search);
    if (order !== "number") query.set("order", order);
    if (page > 1) query.set("page", String(page));
    return query.size === 0 ? at(dataset) : `${at(dataset)}?${query}`;
  },
  leftOut: (dataset: string, { code, search }: LeftOutView) => {
    const query = new URLSearchParams();
    if (code !== null) query.set("code", code);
    if (search !== "") query.set("find", search);
    return query.size === 0 ? at(dataset) : `${at(dataset)}?${query}`;
  },
  compare: (one: string, other: string) => `#/compare?${new URLSearchParams({ one, other })}`,
  part: (dataset: string, label: string) => at(dataset, "parts", label),
  shard: (dataset: string, shard: string, page = 1) =>
    `${at(dataset, "samples", shard)}${page > 1 ? `?page=${page}` : ""}`,
  sample: (dataset: string, shard: string, key: string) => at(dataset, "samples", shard, key),
};

/** What the tab is called: the narrowest thing first, since a tab shows few letters. */
export function titleOf(route: Route): string {
  switch (route.page) {
    case "overview":
      return "Builds · Shardmill";
    case "build":
      return `${route.dataset} · Shardmill`;
    case "part":
      return `Part ${route.label} · ${route.dataset} · Shardmill`;
    case "shard":
      return `${route.shard}${route.at > 1 ? `, page ${route.at}` : ""} · Shardmill`;
    case "sample":
      return `${route.key} · ${route.dataset} · Shardmill`;
    case "mixes":
      return "Mixes · Shardmill";
    case "compare":
      return "Two builds · Shardmill";
    case "nowhere":
      return "Nothing is here · Shardmill";
    default:
      return route satisfies never;
  }
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => {
      // A token that is put into the address of an open page begins it anew.
      if (takeToken()) location.reload();
      else setHash(location.hash);
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return routeOf(hash);
}
