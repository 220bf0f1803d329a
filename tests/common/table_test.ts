import { assertEquals } from "@std/assert";
import { columnsOf, fitted, padded } from "../../common/columns.ts";
import { tableLines, tableText } from "../../common/table.ts";

Deno.test("tableLines(): columns are as wide as their widest cell on a terminal", () => {
  const rows = [["名前.txt", "5"], ["a", "12345"]];
  assertEquals(tableLines(rows, { headings: ["file", "size"], right: [1] }), [
    "file       size",
    "名前.txt      5",
    "a         12345",
  ]);
  assertEquals(tableLines(rows, { indent: "  " })[1], "  a         12345");
  assertEquals(tableLines([]), []);
});

Deno.test("tableLines(): a table that is wider than the terminal becomes a block for each row", () => {
  const rows = [["alice", "rw", ""], ["bob", "none", "until 2027"]];
  const headings = ["name", "permissions", "state"];
  const table = tableLines(rows, { headings });
  assertEquals(table.length, 3);
  assertEquals(tableLines(rows, { headings, columns: columnsOf(table[2]!) }), table);
  assertEquals(tableLines(rows, { headings, right: [1], columns: columnsOf(table[2]!) - 1 }), [
    "name         alice",
    "permissions  rw",
    "",
    "name         bob",
    "permissions  none",
    "state        until 2027",
  ]);
});

Deno.test("tableText(): no cell ends a line or reaches the terminal as a control sequence", () => {
  assertEquals(
    tableText([["a\nb", "\x1b[2J", "\u202e"], ["c", "", ""]]),
    "a\\u000ab  \\u001b[2J  \\u202e\nc\n",
  );
});

Deno.test("fitted(): a long text loses its middle, and takes exactly the columns", () => {
  assertEquals(fitted("abc", 5), "abc  ");
  assertEquals(fitted("abcdefghij", 5), "ab…ij");
  assertEquals(fitted("一二三四五六", 8), "一二…六 ");
  for (const text of ["report-of-may.txt", "五月の報告書.txt", "👩‍👩‍👧 family"]) {
    for (const columns of [8, 9, 10, 40]) assertEquals(columnsOf(fitted(text, columns)), columns);
  }
  assertEquals(padded("五", 4, true), "  五");
});
