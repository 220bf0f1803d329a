// Lines of logs as the administration shows them.

import { assertEquals, assertStrictEquals } from "@std/assert";
import { shownLine } from "../../server/web/ui/log_line.ts";

const TIME = "2026-11-25T04:14:11.588Z";

Deno.test("a line is shown with its time and level first, and its subject before the rest", () => {
  const line = { time: TIME, level: "info", action: "rename", session: "s1", paths: ["/a", "/b"] };
  assertEquals(
    shownLine(JSON.stringify({ ...line, ms: 3, bytes: 12 })),
    `${TIME}  info     action=rename  paths=/a,/b  bytes=12  session=s1  ms=3`,
  );
});

Deno.test("no value is taken for a member, or for two", () => {
  const shown = (value: unknown) =>
    shownLine(JSON.stringify({ time: TIME, level: "info", value })).split("value=")[1];
  assertEquals(shown("a  action=delete"), '"a  action=delete"');
  assertEquals(shown("a=b"), '"a=b"');
  assertEquals(shown(["/a,b", "/c"]), '"/a,b",/c');
  assertStrictEquals(shown('say "x"'), JSON.stringify('say "x"'));
  assertEquals(shown("a\nb"), '"a\\nb"');
  assertEquals(shown(""), '""');
  assertEquals(shown(null), "null");
});

Deno.test("a line that is no object with a time is shown as it is", () => {
  for (const line of ["", "text", "[1]", "null", '{"level":"info"}', '{"time":1}', "{"]) {
    assertStrictEquals(shownLine(line), line);
  }
});
