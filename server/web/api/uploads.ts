/** Unfinished uploads of all doors (protocols). */
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import { route } from "./route.ts";

/** The operation `GET /uploads`. */
export const listUploads = route({
  name: "listUploads",
  method: "get",
  at: "/uploads",
  letters: "w",
  summary:
    "Lists the account's unfinished uploads and those of guests into its tree, latest first.",
  replies: {
    200:
      "{uploads: [{id, path, offset, size, hash, updatedMs, expiresMs, active, account, guest}], more?}",
  },
  async run({ c, session }) {
    const { shown, more } = await firstOf(await session.view.transfers.unfinished(), MAX_LISTED);
    const uploads = shown.map(({ record, offset, expiresMs, active, guest }) => ({
      id: record.id,
      path: record.shownPath,
      offset,
      size: record.sizeBytes,
      hash: record.hash,
      updatedMs: record.updatedMs,
      expiresMs,
      active,
      account: record.account,
      guest,
    }));
    return c.json({ uploads, ...(more && { more }) });
  },
});

/** The operation `DELETE /uploads/{path}`. */
export const dropUpload = route({
  name: "dropUpload",
  method: "delete",
  at: "/uploads/{path}",
  letters: "w",
  summary: "Drops an unfinished upload, of the account or of a guest into its tree, by its id.",
  replies: { 204: "It is removed." },
  async run({ c, session, path }) {
    await session.view.transfers.discard(path.slice(1));
    return c.body(null, 204);
  },
});
