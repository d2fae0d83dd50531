/** What of autocannon the bench uses; the package has no types of its own. */
declare module "autocannon" {
  interface Spread {
    readonly average: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  }
  export interface Result {
    readonly requests: Spread & { readonly total: number };
    readonly latency: Spread;
    readonly errors: number;
    readonly timeouts: number;
    readonly non2xx: number;
  }
  export interface Options {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
    readonly overallRate?: number;
    readonly requests: readonly { readonly path: string }[];
  }
  interface Instance extends PromiseLike<Result> {
    stop(): void;
  }
  export default function autocannon(options: Options): Instance;
}
