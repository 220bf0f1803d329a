/** Reading and removing files and directories. */
import { isStoreError } from "../../../storage/contract/error.ts";
import { nameOf } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { contentResponse } from "../request/content.ts";
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import { contentHeaders, flowOf } from "../pages/content_routes.ts";
import { conditionOf, evaluate, preconditionFailed } from "../request/preconditions.ts";
import { digestHeaders } from "./digest.ts";
import * as v from "valibot";
import { type ApiRequest, route } from "./route.ts";
import { switchInQuery, text, wholeInQuery } from "./schemas.ts";
import { octal } from "./values.ts";

const MAX_ENTRIES = 10_000;

/** A file or directory as JSON. */
export function entryOf(info: FileInfo): Record<string, unknown> {
  const { name, type, size, mtimeMs, hash, version, mode, shared, lock } = info;
  return { name, type, size, mtimeMs, hash, version, mode: octal(mode), shared, lock };
}

const LISTING = v.object({
  limit: v.exactOptional(wholeInQuery(`Most entries of a page, up to ${MAX_ENTRIES}`)),
  cursor: v.exactOptional(text("Where the page before ended")),
  recursive: v.exactOptional(switchInQuery("All that is below the directory")),
});

/** The operation `GET /files/{path}`. */
export const readFile = route({
  name: "readFile",
  method: "get",
  at: "/files/{path}",
  letters: "r",
  content: "gives",
  summary: "Gives a file, whole or a range of it; of a directory, one page of its entries.",
  query: LISTING,
  replies: {
    200:
      "The file; or {path, entries: [{name, type, size, mtimeMs, hash, version, mode, shared, lock}], cursor, leftOut}.",
    206: "The requested range.",
    304: "It is as If-None-Match or If-Modified-Since say.",
    412: "It is not as If-Match or If-Unmodified-Since say.",
    416: "Nothing is in that range.",
    422: "The file is damaged on the server's disk.",
  },
  async run(request) {
    const { c, services, session: { view }, session, path } = request;
    let facts: Awaited<ReturnType<typeof view.tree.checksum>>;
    try {
      facts = await view.tree.checksum(path);
    } catch (error) {
      if (isStoreError(error, "is-directory")) return await listing(request);
      throw error;
    }
    let first: typeof facts | undefined = facts;
    return await contentResponse(c.req.raw, {
      facts: async () => {
        const known = first ?? await view.tree.checksum(path);
        first = undefined;
        return known;
      },
      open: (hash) => view.transfers.download(path, { ifHash: hash }),
    }, {
      headers: { ...contentHeaders(nameOf(facts.path), false), ...digestHeaders(facts.hash) },
      ...flowOf(services, session),
    });
  },
});

async function listing(
  { c, session, path, query }: ApiRequest<v.InferOutput<typeof LISTING>>,
): Promise<Response> {
  const { limit, cursor, recursive = false } = query;
  const page = await session.view.tree.list(path, {
    recursive,
    budgetBytes: Infinity,
    ...(limit === undefined ? {} : { limit: Math.min(Math.max(limit, 1), MAX_ENTRIES) }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  // A listing has no validators, but it exists.
  const early = evaluate(c.req.method, c.req.raw.headers, {});
  if (early === 412) throw preconditionFailed();
  if (early === 304) return c.body(null, 304);
  return c.json({ ...page, entries: page.entries.map(entryOf) });
}

/** The operation `GET /info/{path}`. */
export const describeFile = route({
  name: "describeFile",
  method: "get",
  at: "/info/{path}",
  letters: "r",
  summary: "Describes a file or directory.",
  replies: { 200: "{path, name, type, size, mtimeMs, hash, version, mode, shared, lock}" },
  async run({ c, session, path }) {
    return c.json({ path, ...entryOf(await session.view.tree.describe(path)) });
  },
});

/** The operation `GET /versions/{path}`. */
export const listVersions = route({
  name: "listVersions",
  method: "get",
  at: "/versions/{path}",
  letters: "r",
  summary: "Lists the versions of a file, oldest first.",
  replies: { 200: "{versions: [{path, version, size, mtimeMs, hash}], more?}" },
  async run({ c, session, path }) {
    const { shown, more } = await firstOf(await session.view.tree.versions(path), MAX_LISTED);
    const versions = shown.map(({ path, version, info }) => {
      const { size, mtimeMs, hash } = info;
      return { path, version, size, mtimeMs, hash };
    });
    return c.json({ versions, ...(more && { more }) });
  },
});

/** The operation `GET /why/{path}`. */
export const explainLetters = route({
  name: "explainLetters",
  method: "get",
  at: "/why/{path}",
  letters: "",
  summary: "Names the rule that allows or denies each permission at a path.",
  replies: { 200: "{path, letters: [{letter, allowed, rule}]}" },
  async run({ c, session, path }) {
    return c.json(await session.view.permissions.why(path));
  },
});

/** The operation `DELETE /files/{path}`. */
export const removeFile = route({
  name: "removeFile",
  method: "delete",
  at: "/files/{path}",
  letters: "d",
  summary: "Removes a file, or a directory.",
  query: v.object({
    recursive: v.exactOptional(switchInQuery("Also a directory that is not empty")),
  }),
  replies: {
    204: "It is removed.",
    409: "The directory is not empty.",
    412: "It is not as If-Match, If-None-Match or If-Unmodified-Since say.",
  },
  async run({ c, session: { view }, path, query: { recursive = false } }) {
    const condition = conditionOf(c.req.raw);
    try {
      await view.tree.remove(path, { condition });
    } catch (error) {
      if (!isStoreError(error, "is-directory")) throw error;
      await view.tree.removeDirectory(path, { recursive, condition });
    }
    return c.body(null, 204);
  },
});
