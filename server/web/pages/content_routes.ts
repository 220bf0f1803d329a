/** Content of files, and of directories as archives. */
import { childOf, nameOf, type VirtualPath } from "../../../storage/contract/path.ts";
import { contentResponse } from "../request/content.ts";
import type { Direction } from "../../admission/rate_limit.ts";
import type { Register, WebContext, WebServices } from "../request/env.ts";
import { disposition, mediaOf, OPAQUE_TYPE } from "../request/media.ts";
import { CONTENT_POLICY } from "../request/security_headers.ts";
import { signedIn } from "../session/session_cookie.ts";
import { pathIn } from "../ui/href.ts";
import { moverOf, type WebSession } from "../request/web_session.ts";
import { type ZipRoot, zipStream } from "../zip/archive.ts";
import { archiveName } from "../zip/names.ts";
import { formOf } from "../request/form_body.ts";
import { textIn } from "./forms.ts";

/**
 * A PDF is shown by a viewer of the browser's, apart from every origin; browsers refuse to show one
 * in a sandbox.
 */
const PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; " +
  "frame-ancestors 'self'";

/** Headers of content that users stored: downloaded, or shown by itself if it can run nothing. */
export function contentHeaders(name: string, inline: boolean): Record<string, string> {
  const media = inline ? mediaOf(name) : undefined;
  return {
    "content-type": media?.type ?? OPAQUE_TYPE,
    "content-disposition": disposition(media === undefined ? "attachment" : "inline", name),
    "content-security-policy": media?.kind === "pdf" ? PDF_POLICY : CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-cache",
  };
}

/** How fast, and until when, a session's bytes are sent. */
export function flowOf(
  { rate }: WebServices,
  session: WebSession,
  direction: Direction = "down",
) {
  const mover = moverOf(session);
  return {
    signal: session.signal,
    pace: (bytes: number) => {
      session.touch();
      return rate.take(mover, direction, bytes, () => session.signal.aborted);
    },
    pieceBytes: () => rate.pieceBytes(mover, direction),
  };
}

/** An archive as a response. */
export function zipResponse(name: string, stream: ReadableStream<Uint8Array>): Response {
  const headers = { ...contentHeaders(name, false), "content-type": "application/zip" };
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>, { headers });
}

/** Registers the routes that send content: files and archives. */
export const registerContent: Register = (app, services) => {
  app.get("/raw/*", async (c) => {
    const session = signedIn(c);
    const { view } = session;
    const path = view.resolve("/", pathIn(c.req.url));
    return await contentResponse(c.req.raw, {
      facts: () => view.tree.checksum(path),
      open: (hash) => view.transfers.download(path, { ifHash: hash }),
    }, {
      headers: contentHeaders(nameOf(path), c.req.query("inline") !== undefined),
      ...flowOf(services, session),
    });
  });

  app.get("/zip/*", async (c) => {
    const session = signedIn(c);
    const path = session.view.resolve("/", pathIn(c.req.url));
    const root = await rootAt(session, path);
    // The content of a directory is at the archive's top; a file has its own name in it.
    const name = root.directory ? "" : root.name;
    return await zipOf(c, services, session, path, [{ ...root, name }]);
  });

  app.post("/actions/zip", async (c) => {
    const session = signedIn(c);
    const form = await formOf(c);
    const directory = session.view.resolve("/", textIn(form, "directory"));
    const names = [...new Set(form.getAll("name").map(String))];
    const roots: ZipRoot[] = [];
    for (const name of names) roots.push(await rootAt(session, childOf(directory, name)));
    const [only] = roots;
    if (roots.length === 1 && only && !only.directory) {
      return c.redirect(`/raw${only.path.split("/").map(encodeURIComponent).join("/")}`, 303);
    }
    return await zipOf(c, services, session, directory, roots);
  });
};

async function rootAt({ view }: WebSession, text: string): Promise<ZipRoot> {
  const path = view.resolve("/", text);
  const { type, mtimeMs } = await view.tree.describe(path);
  return { path, name: nameOf(path), directory: type === "directory", mtimeMs };
}

async function zipOf(
  c: WebContext,
  services: WebServices,
  session: WebSession,
  path: VirtualPath,
  roots: readonly ZipRoot[],
): Promise<Response> {
  // An error of a directory is reported before the archive begins.
  for (const root of roots) {
    if (root.directory) await session.view.tree.list(root.path, { limit: 1 });
  }
  if (c.req.raw.method === "HEAD") return zipResponse(archiveName(path), new ReadableStream());
  const stream = zipStream(session.view.readable, roots, flowOf(services, session));
  return zipResponse(archiveName(path), stream);
}
