// Holds that the generated parts of the documentation agree with the code.

import { assertEquals } from "@std/assert";
import { documents, PART, PARTS, regenerate } from "../../docs/generate.ts";
import { commands } from "../../docs/protocol_parts.ts";
import { readTable, table } from "../../docs/table.ts";

const texts = new Map(
  documents().map((name) => [
    name,
    Deno.readTextFileSync(new URL(`../../docs/${name}`, import.meta.url)),
  ]),
);
const found = [...texts.values()].flatMap((text) => [...text.matchAll(PART)]);

for (const [name, text] of texts) {
  Deno.test(`docs/${name} is as "deno task docs" leaves it`, () => {
    assertEquals(text, regenerate(text));
  });
}

Deno.test("every marker is read, and every generated part is used", () => {
  const markers = [...texts.values()].join("").match(/<!-- generated/g) ?? [];
  assertEquals(found.length, markers.length);
  assertEquals([...new Set(found.map(([, , name]) => name))].sort(), Object.keys(PARTS).sort());
});

Deno.test("the reference shows the data and reply of each command once", () => {
  const shown = found.filter(([, , name]) => name === "requests")
    .flatMap(([, , , words]) => words!.split(" ").filter(Boolean));
  assertEquals(shown.sort(), commands().map(({ name }) => name).sort());
});

Deno.test("tables are written as deno fmt leaves them, and read back", () => {
  const rows = [["a|b", "1"], ["", "longer"]];
  const text = table(["x", "y"], rows);
  assertEquals(text, "| x    | y      |\n| ---- | ------ |\n| a\\|b | 1      |\n|      | longer |");
  assertEquals(readTable(text), { headings: ["x", "y"], rows });
});
