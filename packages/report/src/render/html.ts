import { createHash } from "node:crypto";
import type { Block, Cell, Inline, ReportDocument, Table } from "../document/blocks.ts";
import { chartSvg } from "./chart.ts";
import { escapeMarkup, safeUrl } from "./escape-markup.ts";
import { style } from "./style.ts";

/**
 * The document as one page: no script, and none would run. Its policy allows the style sheet by its hash and the pictures beside it,
 * nothing else.
 */
export function renderHtml({ title, subtitle, blocks }: ReportDocument): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self' file:; base-uri 'none'; form-action 'none'`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeMarkup(subtitle === "" ? title : `${title}: ${subtitle}`)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escapeMarkup(title)}</h1>`,
    ...(subtitle === "" ? [] : [`<p class="subtitle">${escapeMarkup(subtitle)}</p>`]),
    ...blocks.map(blockMarkup),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function blockMarkup(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level}>${escapeMarkup(block.text)}</h${block.level}>`;
    case "paragraph":
      return `<p>${inlines(block.text)}</p>`;
    case "notice":
      return `<div class="notice" role="note"><strong>${escapeMarkup(block.title)}</strong>${listMarkup(block.lines.map((line) => [line]))}</div>`;
    case "list":
      return listMarkup(block.items);
    case "table":
      return tableMarkup(block);
    case "charts":
      return `<div class="charts">${block.charts.map((chart) => `<figure>${chartSvg(chart)}</figure>`).join("\n")}</div>`;
    case "picture":
      return `<figure class="sheet"><img src="${escapeMarkup(block.file)}" alt="${escapeMarkup(block.words)}"><figcaption>${escapeMarkup(block.caption)}</figcaption></figure>`;
    case "source":
      return `<pre>${escapeMarkup(block.text)}</pre>`;
    default:
      return block satisfies never;
  }
}

function listMarkup(items: readonly (readonly Inline[])[]): string {
  return `<ul>\n${items.map((item) => `<li>${inlines(item)}</li>`).join("\n")}\n</ul>`;
}

/** What is wide is scrolled by itself, with the keyboard too. */
function tableMarkup({ caption, header, align, rows, hasSum }: Table): string {
  const mark = (at: number): string => (align[at] === "right" ? ' class="right"' : "");
  const width = header.length > 8 ? ' class="wide"' : header.length > 4 ? ' class="middle"' : "";
  const heads = header.map((text, at) => `<th scope="col"${mark(at)}>${escapeMarkup(text)}</th>`);
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, at) => `<td${mark(at)}>${cellMarkup(cell)}</td>`);
    const isSum = hasSum === true && index === rows.length - 1;
    return `<tr${isSum ? ' class="sum"' : ""}>${cells.join("")}</tr>`;
  });
  return [
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeMarkup(caption)}">`,
    `<table${width}>`,
    `<caption>${escapeMarkup(caption)}</caption>`,
    `<thead><tr>${heads.join("")}</tr></thead>`,
    `<tbody>\n${lines.join("\n")}\n</tbody>`,
    "</table>",
    "</div>",
  ].join("\n");
}

function cellMarkup(cell: Cell): string {
  return isMany(cell) ? inlines(cell) : inlineMarkup(cell);
}

function isMany(cell: Cell): cell is readonly Inline[] {
  return Array.isArray(cell);
}

function inlines(all: readonly Inline[]): string {
  return all.map(inlineMarkup).join("");
}

function inlineMarkup(inline: Inline): string {
  if (typeof inline === "string") return escapeMarkup(inline);
  switch (inline.kind) {
    case "code":
      return `<code>${escapeMarkup(inline.text)}</code>`;
    case "strong":
      return `<strong>${escapeMarkup(inline.text)}</strong>`;
    case "known":
      return `<span class="known ${inline.known}">${inline.known}</span>`;
    case "link": {
      const url = safeUrl(inline.url);
      const text = escapeMarkup(inline.text);
      return url === null ? text : `<a href="${escapeMarkup(url)}" rel="noreferrer">${text}</a>`;
    }
    default:
      return inline satisfies never;
  }
}
