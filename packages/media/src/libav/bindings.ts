/** FFmpeg's libraries as node-av binds them: classes and constants. Only the low level is used, which Node 20 can run. */
export interface Bindings {
  readonly lib: typeof import("node-av/lib");
  readonly constants: typeof import("node-av/constants");
}
