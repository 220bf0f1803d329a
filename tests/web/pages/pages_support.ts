/** Common parts of the tests of pages: files stored straight into the vault, and a page's text. */
import { assert, assertEquals } from "@std/assert";
import type { View } from "../../../storage/vault.ts";
import type { InProcess } from "../../support/in_process.ts";
import type { WebClient, WebRequest } from "../../support/web.ts";

/** A view of an account, as another door would have it. */
export async function viewOf(server: InProcess, name = "alice"): Promise<View> {
  const { generation } = (await server.catalog.account(name))!;
  return server.vault.enter({
    account: name,
    generation,
    door: "native",
    sessionId: crypto.randomUUID(),
    address: "192.0.2.1",
  });
}

/** Stores a file. */
export async function put(server: InProcess, path: string, content: string, name = "alice") {
  const opening = await (await viewOf(server, name)).transfers.upload({
    path,
    makeDirectories: true,
    ifExists: "overwrite",
  });
  assert("upload" in opening);
  await opening.upload.write(new TextEncoder().encode(content));
  await opening.upload.finish();
}

/** Names in a directory. */
export async function namesIn(server: InProcess, path = "/", name = "alice"): Promise<string[]> {
  return (await (await viewOf(server, name)).tree.list(path)).entries.map((entry) => entry.name);
}

/** Sends a request; its status, headers and text. */
export async function ask(client: WebClient, path: string, request: WebRequest = {}) {
  const reply = await client.fetch(path, request);
  const { status, headers } = reply;
  return { status, headers, location: headers.get("location"), text: await reply.text() };
}

/** Posts a form that is done, after a question if there is one, and leads to a page; its address. */
export async function done(
  client: WebClient,
  path: string,
  form: Record<string, string>,
): Promise<string> {
  const asked = await ask(client, path, { form });
  const confirmed = { ...form, confirmed: "yes" };
  const { status, location, text } = asked.text.includes('name="confirmed"')
    ? await ask(client, path, { form: confirmed })
    : asked;
  assertEquals(status, 303, text);
  return location!;
}

/** Names in the rows of a page, in their order. */
export function rowsOf(page: string): string[] {
  return [...page.matchAll(/<tr data-name="([^"]*)"/g)].map((match) => unescaped(match[1]!));
}

/** The value of a markup's text. */
export function unescaped(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'").replace(/&amp;/g, "&");
}
