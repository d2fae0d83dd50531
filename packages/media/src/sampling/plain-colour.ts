/** Numbers of ISO/IEC 23091-2 (H.273), as in FFmpeg's AVColorSpace and AVColorTransferCharacteristic. */
export interface ColourTags {
  readonly matrix: number;
  readonly transfer: number;
}

const unspecified = 2;
/** What swscale has coefficients for. */
const knownMatrices = new Set([0, 1, unspecified, 4, 5, 6, 7, 9]);
const bt2020 = 9;
const bt2020Constant = 10;
/** Logarithmic curves, and beyond the last that H.273 defines: converters refuse them, though none needs the curve here. */
const refusedTransfers = new Set([9, 10]);
const lastTransfer = 18;

/**
 * Tags with which a picture can be converted to RGB: a matrix that no converter knows is left to the default, and that of
 * constant luminance is read as BT.2020's other one, whose coefficients it shares, as FFmpeg did before it refused them.
 */
export function plainColour({ matrix, transfer }: ColourTags): ColourTags {
  const isRefused = refusedTransfers.has(transfer) || transfer > lastTransfer;
  return {
    matrix: knownMatrices.has(matrix) ? matrix : matrix === bt2020Constant ? bt2020 : unspecified,
    transfer: isRefused ? unspecified : transfer,
  };
}

/** One line on tags that could not be used; null where they could. */
export function ignoredColour(tags: ColourTags): string | null {
  const plain = plainColour(tags);
  const words = [
    plain.matrix === tags.matrix ? [] : [`matrix ${tags.matrix} read as ${plain.matrix}`],
    plain.transfer === tags.transfer ? [] : [`transfer ${tags.transfer} read as ${plain.transfer}`],
  ].flat();
  return words.length === 0 ? null : words.join(", ");
}
