import { escapeMarkdown, fenced } from "@shardmill/core";
import type { Block, Cell, Inline, ReportDocument, Table } from "../document/blocks.ts";
import { safeUrl } from "./escape-markup.ts";

/** The document as GitHub's Markdown; pictures lie beside it. */
export function renderMarkdown({ title, subtitle, blocks }: ReportDocument): string {
  return [
    `# ${escapeMarkdown(title)}`,
    ...(subtitle === "" ? [] : [`**${escapeMarkdown(subtitle)}**`]),
    ...blocks.map(blockText),
  ]
    .join("\n\n")
    .concat("\n");
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${escapeMarkdown(block.text)}`;
    case "paragraph":
      return inlines(block.text);
    case "notice":
      return [
        `> **${escapeMarkdown(block.title)}**`,
        ">",
        ...block.lines.map((line) => `> - ${escapeMarkdown(line)}`),
      ].join("\n");
    case "list":
      return block.items.map((item) => `- ${inlines(item)}`).join("\n");
    case "table":
      return tableText(block);
    case "charts":
      return block.charts
        .map(({ file, title, words }) => `![${escapeMarkdown(`${title}: ${words}`)}](${file})`)
        .join("\n");
    case "picture":
      return `![${escapeMarkdown(block.words)}](${block.file})\n\n*${escapeMarkdown(block.caption)}*`;
    case "source":
      return fenced(block.text, block.language);
    default:
      return block satisfies never;
  }
}

function tableText({ caption, header, align, rows, hasSum }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, at) => (align[at] === "right" ? "--:" : ":--"));
  const shown = rows.map((row, at) => {
    const cells = row.map(cellText);
    return hasSum === true && at === rows.length - 1
      ? cells.map((cell) => (cell === "" ? "" : `**${cell}**`))
      : cells;
  });
  return [
    `*${escapeMarkdown(caption)}*`,
    "",
    line(header.map(escapeMarkdown)),
    line(rule),
    ...shown.map(line),
  ].join("\n");
}

function cellText(cell: Cell): string {
  return isMany(cell) ? inlines(cell) : inlineText(cell);
}

function isMany(cell: Cell): cell is readonly Inline[] {
  return Array.isArray(cell);
}

function inlines(all: readonly Inline[]): string {
  return all.map(inlineText).join("");
}

function inlineText(inline: Inline): string {
  if (typeof inline === "string") return escapeMarkdown(inline);
  switch (inline.kind) {
    case "code":
      return codeText(inline.text);
    case "strong":
      return `**${escapeMarkdown(inline.text.trimEnd())}**${inline.text.endsWith(" ") ? " " : ""}`;
    case "known":
      return inline.known === "yes" ? "yes" : `**${inline.known}**`;
    case "link": {
      const url = safeUrl(inline.url);
      // Brackets and bars would end the address, or its cell.
      const address = url?.replace(
        /[()|<>\\`*_[\]]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      return address === undefined
        ? escapeMarkdown(inline.text)
        : `[${escapeMarkdown(inline.text)}](${address})`;
    }
    default:
      return inline satisfies never;
  }
}

/** A name or a hash; what holds a backtick or a bar is no such thing, and shown as text. */
function codeText(text: string): string {
  return /^[\w.,:;/@+= -]+$/.test(text) ? `\`${text}\`` : escapeMarkdown(text);
}
