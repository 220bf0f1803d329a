/** Parts of long pages, rendered in slices: a thousand rows at once would keep others waiting. */
import { html, raw } from "hono/html";
import type { Child } from "hono/jsx";
import { Pace } from "../../../storage/common/slices.ts";

interface RowsProps<T> {
  readonly each: readonly T[];
  readonly row: (item: T) => Child;
}

/** Renders each item with `row`, one after the other. */
export async function Rows<T>({ each, row }: RowsProps<T>): Promise<ReturnType<typeof raw>> {
  const pace = new Pace();
  let whole = "";
  for (const item of each) {
    const text = html`${row(item)}`;
    whole += text instanceof Promise ? await text : text;
    await pace.turn();
  }
  return raw(whole);
}
