import sharp from "sharp";

/** Sets libvips up for a child that handles untrusted pictures one at a time: four loaders, no cache, one thread. */
export function allowImageFormats(): void {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({
    operation: ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif"],
  });
  sharp.cache(false);
  sharp.concurrency(1);
}
