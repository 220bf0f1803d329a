/** Directories, renames, copies, modification times. */
import { conditionOf } from "../request/preconditions.ts";
import * as v from "valibot";
import { route } from "./route.ts";
import { choice, flag, IF_EXISTS, text, whole } from "./schemas.ts";

const PATH = text("Path");
const FROM = text("Path of the existing file or directory");
const TO = text("Path that it is to have");
const UNMET = "The source is not as the preconditions say.";

/** The operation `POST /directories`. */
export const makeDirectory = route({
  name: "makeDirectory",
  method: "post",
  at: "/directories",
  letters: "c",
  summary: "Makes a directory.",
  body: v.strictObject({
    path: PATH,
    parents: v.exactOptional(flag("Make missing parents, and allow for one that is there")),
  }),
  replies: { 201: "{path}", 409: "The name is taken." },
  async run({ c, session: { view }, body: { path, parents = false } }) {
    const made = await view.tree.makeDirectory(absolute(path), { parents });
    return c.json({ path: made }, 201);
  },
});

/** The operation `POST /rename`. */
export const rename = route({
  name: "rename",
  method: "post",
  at: "/rename",
  letters: "w",
  summary: "Renames or moves a file or directory; its shares and links go along.",
  body: v.strictObject({
    from: FROM,
    to: TO,
    overwrite: v.exactOptional(flag("Take the place of a file that is there")),
  }),
  replies: { 200: "{path}", 409: "The name is taken.", 412: UNMET },
  async run({ c, session: { view }, body: { from, to, overwrite = false } }) {
    const options = { overwrite, condition: conditionOf(c.req.raw) };
    return c.json({ path: await view.tree.rename(absolute(from), absolute(to), options) });
  },
});

/** The operation `POST /copy`. */
export const copy = route({
  name: "copy",
  method: "post",
  at: "/copy",
  letters: "rw",
  summary: "Copies a file.",
  body: v.strictObject({
    from: FROM,
    to: TO,
    ifExists: v.exactOptional(
      choice(IF_EXISTS, "How an existing file is treated (default version)"),
    ),
  }),
  replies: { 201: "The copy.", 409: "The name is taken.", 412: UNMET },
  async run({ c, session: { view }, body: { from, to, ...options } }) {
    const condition = conditionOf(c.req.raw);
    return c.json(
      await view.tree.copy(absolute(from), absolute(to), { condition, ...options }),
      201,
    );
  },
});

/** The operation `POST /modified`. */
export const setModified = route({
  name: "setModified",
  method: "post",
  at: "/modified",
  letters: "w",
  summary: "Sets a file's modification time.",
  body: v.strictObject({ path: PATH, mtimeMs: whole("Milliseconds since the epoch") }),
  replies: { 204: "It is set.", 412: "The file is not as the preconditions say." },
  async run({ c, session: { view }, body: { path, mtimeMs } }) {
    await view.tree.setModified(absolute(path), mtimeMs, { condition: conditionOf(c.req.raw) });
    return c.body(null, 204);
  },
});

/** Paths begin at the root, with or without a slash. */
function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
