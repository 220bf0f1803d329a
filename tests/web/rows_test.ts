// Long tables of pages are rendered in slices.
import { assert, assertEquals } from "@std/assert";
import { html } from "hono/html";
import { Rows } from "../../server/web/ui/rows.ts";
import { workWhileAsking } from "../support/measure/other_session.ts";

Deno.test("rows follow each other, escaped, also those that are awaited", async () => {
  const row = (n: number) =>
    n === 2 ? Promise.resolve(html`<b>${n}</b>`) : html`<i>${`<${n}>`}</i>`;
  assertEquals(String(await Rows({ each: [1, 2], row })), "<i>&lt;1&gt;</i><b>2</b>");
  assertEquals(String(await Rows({ each: ["<", "&"], row: (text) => text })), "&lt;&amp;");
});

Deno.test("while a long table is rendered, others are answered", async () => {
  const each = Array.from({ length: 100_000 }, (_, i) => i);
  let rendered = 0;
  const render = async (signal: AbortSignal) => {
    for (let i = 0; i < 40 && !signal.aborted; i++) {
      await Rows({ each, row: (n) => html`<td>${rendered++ && n}</td>` });
    }
  };
  const most = await workWhileAsking(render, () => rendered, 5);
  assert(most < 10 * each.length, `${most} rows while one byte was under way`);
});
