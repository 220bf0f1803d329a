/** Ways of beginning an upload that is cut after its first half. */
import { assertEquals } from "@std/assert";
import { writeAll } from "../../protocol/mod.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { base64 } from "../support/tus.ts";
import type { Place } from "./place.ts";

/** Begins the upload of `content` to a path and is cut after `half` bytes of it. */
export type Begin = (
  place: Place,
  path: string,
  content: Uint8Array,
  half: number,
) => Promise<void>;

async function native(
  place: Place,
  filename: string,
  bytes: Uint8Array,
  data: Record<string, unknown>,
): Promise<void> {
  using client = await RawClient.login(place.server, place.user, place.password);
  const reply = await client.ask("UPLOAD", { filename, if_exists: "overwrite", ...data });
  assertEquals(reply.code, 150, JSON.stringify(reply));
  await client.data(bytes);
}

/** Sends a request's head and the first bytes of its body, and closes. */
async function cutRequest(place: Place, head: string[], bytes: Uint8Array): Promise<void> {
  const connection = await place.rawWeb();
  try {
    const host = `Host: localhost:${place.server.info.web!.port}`;
    const lines = [...head, host, "", ""].join("\r\n");
    await writeAll(connection, new TextEncoder().encode(lines));
    await writeAll(connection, bytes);
    await connection.closeWrite();
  } finally {
    connection.close();
  }
}

export async function put(
  place: Place,
  path: string,
  content: Uint8Array,
  half: number,
  headers: string[] = [],
): Promise<void> {
  const head = [
    `PUT /api/v1/files${path} HTTP/1.1`,
    `Authorization: ${place.authorization}`,
    `Content-Length: ${content.length}`,
    ...headers,
  ];
  await cutRequest(place, head, content.subarray(0, half));
}

/** As `tus.ts` of the page asks for an upload. */
function metadataOf(path: string): string {
  const pairs = { path, ifexists: "overwrite", lastmodified: "1600000000000" };
  return Object.entries(pairs).map(([key, value]) => `${key} ${base64(value)}`).join(",");
}

export const BEGINNINGS: Readonly<Record<string, Begin>> = {
  "native": (place, path, content, half) =>
    native(place, path, content.subarray(0, half), {
      file_size: content.length,
      file_hash: sha256(content),
    }),

  "native, nothing announced": (place, path, content, half) =>
    native(place, path, content.subarray(0, half), {}),

  "FTP": async (place, path, content, half) => {
    const data = await place.ftp.begin(`STOR ${path}`);
    await data.write(content.subarray(0, half));
    data.cut();
    await place.ftp.reply(426);
  },

  "tus": async (place, path, content, half) => {
    const headers = { "tus-resumable": "1.0.0", "upload-metadata": metadataOf(path) };
    const length = { "upload-length": String(content.length) };
    const created = await place.program.ask("/tus/", {
      method: "POST",
      headers: { ...headers, ...length },
    });
    assertEquals(created.status, 201, created.text);
    const type = "application/offset+octet-stream";
    const patched = await place.program.ask(created.headers.get("location")!, {
      method: "PATCH",
      headers: { "tus-resumable": "1.0.0", "upload-offset": "0", "content-type": type },
      body: content.slice(0, half) as Uint8Array<ArrayBuffer>,
    });
    assertEquals(patched.status, 204, patched.text);
  },

  "PUT": put,

  "PUT, If-Match": async (place, path, content, half) => {
    const there = await place.content(path);
    const condition = there === null ? "If-None-Match: *" : `If-Match: "${sha256(there)}"`;
    await put(place, path, content, half, [condition]);
  },

  "PUT, Content-Range": async (place, path, content, half) => {
    const range = { "content-range": `bytes 0-${half - 1}/${content.length}` };
    assertEquals((await place.put(path, content.slice(0, half), range)).status, 202);
  },

  "browser": async (place, path, content, half) => {
    const { browser } = place;
    const length = String(content.length);
    const created = await browser.fetch("/tus/", {
      method: "POST",
      headers: {
        "tus-resumable": "1.0.0",
        "upload-length": length,
        "upload-metadata": metadataOf(path),
      },
    });
    await created.body?.cancel();
    assertEquals(created.status, 201);
    const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const head = [
      `PATCH ${created.headers.get("location")} HTTP/1.1`,
      `Cookie: ${cookies}`,
      `Origin: ${browser.origin}`,
      `X-CSRF-Token: ${browser.csrfToken}`,
      "Tus-Resumable: 1.0.0",
      "Upload-Offset: 0",
      "Content-Type: application/offset+octet-stream",
      `Content-Length: ${length}`,
    ];
    await cutRequest(place, head, content.subarray(0, half));
  },
};
