/** Text for man pages: the macros of man(7), and Markdown as the documentation uses it. */
import { readTable } from "../table.ts";

/** Escapes text, so that no character of it is a command or becomes another one. */
export function escape(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga").replaceAll("^", "\\(ha").replaceAll("~", "\\(ti")
    .replaceAll(
      /[^\p{ASCII}]/gu,
      (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return escaped.replaceAll(/^\./gm, "\\&.");
}

/** Bold text. */
export function bold(text: string): string {
  return `\\fB${escape(text)}\\fP`;
}

/** A section with its blocks. */
export function section(title: string, ...blocks: readonly string[]): string {
  const content = blocks.filter(Boolean).join("\n").replace(/^\.PP\n/, "");
  return `.SH "${escape(title.toUpperCase())}"\n${content}`;
}

/** A paragraph; its text is escaped already. */
export function paragraph(text: string): string {
  return `.PP\n${text}`;
}

/** A term with its meaning; both are escaped already. */
export function entry(term: string, meaning: string): string {
  return `.TP\n${term}\n${meaning || "\\&"}`;
}

/** Lines that are shown as they are. */
export function listing(lines: readonly string[]): string {
  return [".PP", ".RS 4", ".nf", ...lines.map((line) => escape(line)), ".fi", ".RE"].join("\n");
}

/** Inline Markdown: code and strong text become bold, links their text, or the page's file. */
export function inline(markdown: string): string {
  return markdown.replaceAll(/ \(\[meaning\]\([^)]*\)\)/g, "")
    .replaceAll(/\[([a-z]+\.md)\]\([^)]*\)/g, "docs/$1")
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1").split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part) => {
      const marked = /^(?:`([^`]+)`|\*\*([^*]+)\*\*)$/.exec(part);
      return marked === null ? escape(part) : bold((marked[1] ?? marked[2])!);
    }).join("");
}

/** Blocks of Markdown: paragraphs, lists, listings, and tables, whose first column is the term. */
export function blocks(markdown: string): string[] {
  return markdown.replace(/^\n+/, "").trimEnd().split(/\n{2,}/).filter((block) =>
    !block.startsWith("<!--")
  )
    .flatMap(block);
}

function block(text: string): string[] {
  const joined = (part: string) => inline(part.trim().replaceAll(/\s*\n\s*/g, " "));
  if (text.startsWith("|")) {
    return readTable(text).rows.map(([term, ...rest]) =>
      entry(inline(term!), rest.filter(Boolean).map(inline).join("\n.br\n"))
    );
  }
  if (/^ {4}/.test(text)) return [listing(text.split("\n").map((line) => line.slice(4)))];
  if (text.startsWith("- ")) {
    return text.slice(2).split(/\n- /).map((item) => `.IP \\(bu 2\n${joined(item)}`);
  }
  return [paragraph(joined(text))];
}
