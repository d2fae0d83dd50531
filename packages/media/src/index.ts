export { encodeJpeg } from "./encode/encode-jpeg.ts";
export { imageToJpeg, type JpegImage } from "./encode/image-to-jpeg.ts";
export { type ChildLimits, defaultChildLimits } from "./pool/child-limits.ts";
export { type MediaPoolOptions, openMediaPool } from "./pool/open-media-pool.ts";
export { type FoundFfmpeg, findFfmpeg } from "./process/find-ffmpeg.ts";
export { readToolchain } from "./read-toolchain.ts";
