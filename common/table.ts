/** Tables for terminals: columns with two spaces between them. */
import { columnsOf, padded } from "./columns.ts";
import { printable } from "./printable.ts";

/** How {@linkcode tableLines} lays a table out. */
export interface TableOptions {
  /** A first row that names the columns. @default none */
  readonly headings?: readonly string[];
  /** Indices of the columns that are aligned to the right. @default none */
  readonly right?: readonly number[];
  /** Text before each line. @default "" */
  readonly indent?: string;
}

/**
 * The lines of a table. Cells are made harmless by `printable`, so that none of them ends a line or
 * controls the terminal; a column is as wide as its widest cell.
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  { headings, right = [], indent = "" }: TableOptions = {},
): string[] {
  const cells = (headings === undefined ? rows : [headings, ...rows]).map((row) =>
    row.map(printable)
  );
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell)));
  }
  return cells.map((row) => {
    const shown = row.map((cell, column) => padded(cell, widths[column]!, right.includes(column)));
    return (indent + shown.join("  ")).trimEnd();
  });
}

/** A table as text; each line ends with a newline. */
export function tableText(rows: readonly (readonly string[])[], options?: TableOptions): string {
  return linesText(tableLines(rows, options));
}

/** Lines as text; each ends with a newline. */
export function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
