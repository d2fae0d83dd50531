import type { Chart } from "../document/blocks.ts";
import { countWords, numberWords } from "../document/figures.ts";
import { escapeMarkup } from "./escape-markup.ts";

const width = 420;
const barHeight = 16;
const gap = 5;
const labelWidth = 96;
const countWidth = 70;
const top = 46;

/**
 * A distribution as bars that lie: labels stay readable however many there are. No script, no style sheet, no address: colours are
 * attributes, and the words of it are its title and description.
 */
export function chartSvg({ title, words, axis, distribution, file }: Chart): string {
  const { bins } = distribution;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const height = top + bins.length * (barHeight + gap) + 14;
  const id = file.replace(/[^\w-]/g, "-");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="${id}-title ${id}-words" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`,
    `<title id="${id}-title">${escapeMarkup(title)}</title>`,
    `<desc id="${id}-words">${escapeMarkup(words)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text({ x: 0, y: 14, size: 13, fill: "#16191d", bold: true }, fitted(title, 58)),
    text({ x: 0, y: 32, size: 11, fill: "#4d5661" }, summary(distribution, axis)),
    ...bins.flatMap((bin, at) => bar(bin, at, most)),
    "</svg>",
  ].join("\n");
}

function bar(bin: { readonly label: string; readonly count: number }, at: number, most: number): string[] {
  const y = top + at * (barHeight + gap);
  const span = width - labelWidth - countWidth;
  const length = bin.count === 0 ? 0 : Math.max(1, (bin.count / most) * span);
  return [
    text({ x: labelWidth - 8, y: y + 12, size: 11, fill: "#2c333b", anchor: "end" }, fitted(bin.label, 15)),
    `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" fill="#2f6db5"/>`,
    text({ x: labelWidth + length + 6, y: y + 12, size: 11, fill: "#4d5661" }, countWords(bin.count)),
  ];
}

function summary({ numbers, count }: Chart["distribution"], axis: string): string {
  if (numbers === null) return `${axis}; n = ${countWords(count)}`;
  return `${axis}; n = ${countWords(count)}, median ${numberWords(numbers.median)}, mean ${numberWords(numbers.mean)}`;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill: string;
  readonly bold?: true;
  readonly anchor?: "end";
}

function text({ x, y, size, fill, bold, anchor }: Place, words: string): string {
  const more = `${bold === true ? ' font-weight="600"' : ""}${anchor === undefined ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${Number(x.toFixed(1))}" y="${y}" font-size="${size}" fill="${fill}"${more}>${escapeMarkup(words)}</text>`;
}

function fitted(words: string, most: number): string {
  const signs = [...words];
  return signs.length <= most ? words : `${signs.slice(0, most - 1).join("")}…`;
}
