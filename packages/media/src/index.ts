export { imageToJpeg } from "./encode/image-to-jpeg.ts";

export { libraryVersions } from "./library-versions.ts";
export { readProcessFacts } from "./pool/child-process-facts.ts";
export { openMediaPool } from "./pool/open-media-pool.ts";
export { findFfmpeg } from "./process/find-ffmpeg.ts";
export { readToolchain } from "./read-toolchain.ts";
