import type sharp from "sharp";

/** Of one frame: 64 bits as 16 hex digits, or why it has none. */
export type FramePrint = string;

/** Nearly without gradients, such as black or a plain wall: it looks like thousands of others. */
export const flatFrame: FramePrint = "flat";
export const unreadableFrame: FramePrint = "unreadable";

const columns = 9;
const rows = 8;
/** A right neighbour that is brighter by less is an encoder's noise: areas of one colour are 0 in every encoding. */
const smallestStep = 3;
/** Of 64. With fewer bits of either kind a print is nearly that of black, or of light that falls off to one side. */
const fewestBits = 8;

/** The difference hash of 9 x 8 lumas, row by row: a bit is set where the right neighbour is brighter. */
export function differenceHash(luma: Uint8Array): FramePrint {
  let rises = 0;
  let hash = "";
  for (let row = 0; row < rows; row += 1) {
    let bits = 0;
    for (let column = 0; column + 1 < columns; column += 1) {
      const at = row * columns + column;
      const isRise = (luma[at + 1] ?? 0) - (luma[at] ?? 0) >= smallestStep;
      bits = (bits << 1) | Number(isRise);
      rises += Number(isRise);
    }
    hash += bits.toString(16).padStart(2, "0");
  }
  return Math.min(rises, rows * (columns - 1) - rises) < fewestBits ? flatFrame : hash;
}

/** The print of a packed JPEG, decoded small. */
export async function printOfJpeg(jpeg: Uint8Array): Promise<FramePrint> {
  // A shard of somebody else may hold what only a bigger library reads.
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return unreadableFrame;
  const { default: libvips }: { default: typeof sharp } = await import("sharp");
  try {
    const luma = await libvips(jpeg).resize(columns, rows, { fit: "fill" }).greyscale().raw().toBuffer();
    return luma.length === columns * rows ? differenceHash(luma) : unreadableFrame;
  } catch {
    return unreadableFrame;
  }
}
