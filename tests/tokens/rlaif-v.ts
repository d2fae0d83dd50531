import sharp from "sharp";
import { blob, duckdbParquet, quoted, rewrittenParquet } from "../datasets/fixtures/parquet.ts";

export interface Pair {
  readonly picture: number;
  readonly question: string;
  readonly chosen: string;
  readonly rejected: string;
}

const pair = (picture: number, question: string, chosen: string, rejected: string): Pair => ({
  picture,
  question,
  chosen,
  rejected,
});

/** Two rows in a row are about one picture, as they often are; rows 4 and 5 are no pairs. */
export const pairs: readonly Pair[] = [
  pair(0, "What is shown here?", "A red square.", "A dog, which runs."),
  pair(0, "Which colour?", "Red.", "Blue, and green beside it."),
  pair(1, "What is shown?", "Something small.", "Something."),
  pair(1, "And what is <image> beside it?", "Nothing.", "A picture of something small."),
  pair(1, "The same?", "The same.", "The same."),
  pair(2, "No answer?", "Yes.", " "),
  pair(2, "Answer of a turn?", "Number 12.", "Number 1."),
  pair(0, "The first again?", "Red.", "Number 7."),
];

/** A square of one colour, as PNG. */
export function plainPicture(red: number, green: number, blue: number): Promise<Buffer> {
  const background = { r: red, g: green, b: blue };
  return sharp({ create: { width: 48, height: 32, channels: 3, background } })
    .png()
    .toBuffer();
}

/** RLAIF-V as it lies on the Hub: numbered parquet files in the root. */
export async function rlaifFiles(): Promise<Record<string, Buffer>> {
  const pictures = await Promise.all([
    plainPicture(200, 20, 20),
    plainPicture(20, 200, 20),
    plainPicture(20, 20, 200),
  ]);
  const rows = pairs.map(({ picture, question, chosen, rejected }, row) => {
    const fields = {
      ds_name: quoted("RLAIF-V"),
      image: `{'bytes': ${blob(pictures[picture] ?? null)}, 'path': ${quoted(`${picture}.jpg`)}}`,
      question: quoted(question),
      chosen: quoted(chosen),
      rejected: quoted(rejected),
      origin_dataset: quoted("COCO"),
      origin_split: row === 2 ? "NULL" : quoted('{"model": "x"}'),
      idx: quoted(String(row)),
      image_path: quoted(`/data/${picture}.jpg`),
    };
    return `{${Object.entries(fields)
      .map(([name, value]) => `'${name}': ${value}`)
      .join()}}`;
  });
  const type =
    "STRUCT(ds_name VARCHAR, image STRUCT(bytes BLOB, path VARCHAR), question VARCHAR, chosen VARCHAR, rejected VARCHAR, origin_dataset VARCHAR, origin_split VARCHAR, idx VARCHAR, image_path VARCHAR)[]";
  const file = await duckdbParquet(
    `SELECT unnest(r, max_depth := 1) FROM (SELECT unnest([${rows.join()}]::${type}) AS r)`,
  );
  return { "RLAIF-V-Dataset_000.parquet": rewrittenParquet(file, 4) };
}
