import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { NamePages } from "../../../storage/common/name_pages.ts";
import type { NamesPage } from "../../../storage/contract/tree.ts";

Deno.test("pages of very many names are in order, from the first pages on", async () => {
  const names = (count: number, end: string) =>
    // 7,919 is prime: the names come in no order. One is above the surrogates.
    Array.from({ length: count }, (_, i) => `n${(i * 7919) % count}${i === 5 ? "\u{1F600}" : end}`);
  const children = { directories: names(30, "d"), files: names(25_000, "f") };
  const all = [...children.directories, ...children.files].map((name) => name)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const inOrder = ({ directories, files }: NamesPage) =>
    [...directories, ...files].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const isByName of [false, true]) {
    const pages = new NamePages();
    const seen: string[] = [];
    let page: NamesPage | undefined;
    do {
      const after = isByName ? seen.at(-1) : page;
      page = await pages.page(() => Promise.resolve(children), {
        limit: 700,
        ...(after !== undefined && { after }),
      });
      seen.push(...inOrder(page));
    } while (page.more);
    assertEquals(seen, all);
  }
});
