// Holds how a log that is followed grows.

import { assertEquals } from "@std/assert";
import { newLines } from "../../../web/log_lines.ts";

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join("");

Deno.test("new lines are those that follow the last shown lines", () => {
  assertEquals(newLines(lines(0, 10), lines(4, 12)), "line 10\nline 11\n");
  assertEquals(newLines(lines(0, 10), lines(0, 10)), "");
  assertEquals(newLines(lines(0, 1), lines(0, 2)), "line 1\n");
});

Deno.test("lines that are the same are not taken for each other", () => {
  assertEquals(newLines("a\nsame\nb\nsame\n", "b\nsame\nc\nsame\nd\n"), undefined);
  assertEquals(newLines("a\nsame\nb\nsame\n", "same\nb\nsame\nc\nsame\n"), "c\nsame\n");
});

Deno.test("a log that has gone on too far, or was empty, is shown again", () => {
  assertEquals(newLines(lines(0, 10), lines(20, 30)), undefined);
  assertEquals(newLines("", lines(0, 3)), undefined);
  assertEquals(newLines("x".repeat(2_000_001), "x"), undefined);
});
