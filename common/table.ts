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
  /**
   * Columns of the terminal. A table with headings that is wider becomes one block of lines
   * `heading  cell` for each row, because broken lines have no columns. @default any number
   */
  readonly columns?: number | undefined;
}

/**
 * The lines of a table. Cells are made harmless by `printable`, so that none of them ends a line or
 * controls the terminal; a column is as wide as its widest cell.
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  { headings, right = [], indent = "", columns = Infinity }: TableOptions = {},
): string[] {
  const cells = (headings === undefined ? rows : [headings, ...rows]).map((row) =>
    row.map(printable)
  );
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell)));
  }
  const lines = cells.map((row) => {
    const shown = row.map((cell, column) => padded(cell, widths[column]!, right.includes(column)));
    return (indent + shown.join("  ")).trimEnd();
  });
  const fits = headings === undefined || lines.every((line) => columnsOf(line) <= columns);
  return fits ? lines : blockLines(headings, rows, indent);
}

/** The rows as blocks with an empty line between them; empty cells are left out. */
function blockLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  indent: string,
): string[] {
  return rows.flatMap((row, index) => {
    const named = row.map((cell, column) => [headings[column] ?? "", cell] as const);
    const block = tableLines(named.filter(([, cell]) => cell !== ""), { indent });
    return index === 0 ? block : ["", ...block];
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
