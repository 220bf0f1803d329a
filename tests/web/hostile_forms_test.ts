/** Forms with files that are cut, or that are none, at every byte. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import type { View } from "../../storage/vault.ts";
import { formOf } from "../../server/web/request/form_body.ts";
import type { WebContext } from "../../server/web/request/env.ts";
import { storeForm } from "../../server/web/request/form_upload.ts";

/** Takes every upload, and keeps nothing; some steps may be others. */
function viewOf(steps: { write?: () => Promise<void>; finish?: () => Promise<void> } = {}): View {
  const done = () => Promise.resolve();
  const upload = { id: "x", write: done, finish: done, discard: done, ...steps };
  return {
    resolve: (_directory: string, name: string) => name,
    transfers: { upload: () => Promise.resolve({ upload }), discard: done },
  } as unknown as View;
}

const WHOLE = [
  "--b",
  'Content-Disposition: form-data; name="if-exists"',
  "",
  "overwrite",
  "--b",
  'Content-Disposition: form-data; name="files"; filename=""',
  "Content-Type: application/octet-stream",
  "",
  "",
  "--b",
  'Content-Disposition: form-data; name="files"; filename="a"',
  "Content-Type: text/plain",
  "",
  "content",
  "--b--",
  "",
].join("\r\n");

async function store(
  text: string,
  type = "multipart/form-data; boundary=b",
  view = viewOf(),
): Promise<number> {
  const request = new Request("https://localhost/", {
    method: "POST",
    headers: { "content-type": type },
    body: text,
  });
  return await storeForm(request, { view, directory: "/" });
}

/** Stored, or refused in a way that is answered: never an uncaught exception. */
async function isAnswered(text: string, type?: string): Promise<void> {
  try {
    await store(text, type);
  } catch (error) {
    assert(isStoreError(error), String(error));
  }
}

Deno.test("a form that is cut anywhere, or changed anywhere, is an answered request", async () => {
  assertEquals(await store(WHOLE), 1);
  for (let at = 0; at < WHOLE.length; at++) {
    await isAnswered(WHOLE.slice(0, at));
    await isAnswered(`${WHOLE.slice(0, at)}\0\n${WHOLE.slice(at + 2)}`);
  }
});

Deno.test("a content type that names no boundary, or a strange one, is an answered request", async () => {
  for (
    const parameters of [
      "",
      ";",
      "; boundary",
      "; boundary=",
      '; boundary="',
      '; boundary=""',
      "; boundary=b; boundary=c",
      `; boundary=${"b".repeat(8000)}`,
      "; boundary*=UTF-8''%62",
      `;${"\t ;".repeat(2000)}boundary=b`,
    ]
  ) await isAnswered(WHOLE, `multipart/form-data${parameters}`);
});

Deno.test("a failure of the server is not blamed on the form", async () => {
  const failure = new Error("the disk is gone");
  const failing = () => Promise.reject(failure);
  for (const view of [viewOf({ write: failing }), viewOf({ finish: failing })]) {
    assertErrorWhere(
      await assertRejects(() => store(WHOLE, undefined, view)),
      (error) => error === failure,
    );
  }
});

/** Number of fields that are read of a form without files; undefined where it is refused. */
async function fieldsOf(body: string, type: string): Promise<number | undefined> {
  const raw = new Request("https://localhost/", { method: "POST", body });
  const fields = new Headers({ "content-type": type, "content-length": String(body.length) });
  const header = (name: string) => fields.get(name) ?? undefined;
  const c = { req: { raw, header, arrayBuffer: () => raw.arrayBuffer() } };
  try {
    await formOf(c as unknown as WebContext);
    return [...await formOf(c as unknown as WebContext)].length;
  } catch (error) {
    assertEquals((error as { status?: number }).status, 413, String(error));
    return undefined;
  }
}

Deno.test("a form of very many fields, which would take long to parse, is refused", async () => {
  const URLENCODED = "application/x-www-form-urlencoded";
  assertEquals(await fieldsOf("a=1&b=2", URLENCODED), 2);
  assertEquals(await fieldsOf("a&".repeat(10_000).slice(0, -1), URLENCODED), 10_000);
  assertEquals(await fieldsOf("a&".repeat(130_000), URLENCODED), undefined);
  const part = '--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n';
  const parts = (count: number) => fieldsOf(`${part.repeat(count)}--b--\r\n`, MULTIPART);
  const MULTIPART = "multipart/form-data; boundary=b";
  assertEquals(await parts(2), 2);
  assertEquals(await parts(500), 500);
  assertEquals(await parts(4000), undefined);
});
