/** Directories, renames, copies, modification times. */
import type { IfExists } from "../../../storage/contract/catalog.ts";
import { conditionOf } from "../preconditions.ts";
import { type ApiRequest, type Field, route } from "./route.ts";
import { bodyOf } from "./values.ts";

const PATH: Field = { type: "string", required: true, summary: "Path" };
const FROM: Field = { type: "string", required: true, summary: "Path of what is there" };
const TO: Field = { type: "string", required: true, summary: "Path that it is to have" };
const UNMET = "The source is not as the preconditions say.";

const DIRECTORY = {
  path: PATH,
  parents: { type: "boolean", summary: "Make missing parents, and allow for one that is there" },
} satisfies Record<string, Field>;

export const makeDirectory = route({
  name: "makeDirectory",
  method: "post",
  at: "/directories",
  letters: "c",
  summary: "Makes a directory.",
  body: DIRECTORY,
  replies: { 201: "{path}", 409: "The name is taken." },
  async run({ c, session: { view } }) {
    const { path, parents = false } = await bodyOf(c, DIRECTORY);
    const made = await view.tree.makeDirectory(absolute(path), { parents: parents as boolean });
    return c.json({ path: made }, 201);
  },
});

const RENAME = {
  from: FROM,
  to: TO,
  overwrite: { type: "boolean", summary: "Take the place of a file that is there" },
} satisfies Record<string, Field>;

export const rename = route({
  name: "rename",
  method: "post",
  at: "/rename",
  letters: "w",
  summary: "Renames or moves a file or directory; its shares and links go along.",
  body: RENAME,
  replies: { 200: "{path}", 409: "The name is taken.", 412: UNMET },
  async run({ c, session: { view } }) {
    const { from, to, overwrite = false } = await bodyOf(c, RENAME);
    const options = { overwrite: overwrite as boolean, condition: conditionOf(c.req.raw) };
    return c.json({ path: await view.tree.rename(absolute(from), absolute(to), options) });
  },
});

const COPY = {
  from: FROM,
  to: TO,
  ifExists: {
    type: "string",
    choices: ["version", "overwrite", "skip", "fail"],
    summary: "What becomes of a file that is there (default version)",
  },
} satisfies Record<string, Field>;

export const copy = route({
  name: "copy",
  method: "post",
  at: "/copy",
  letters: "rw",
  summary: "Copies a file.",
  body: COPY,
  replies: { 201: "What the copy became.", 409: "The name is taken.", 412: UNMET },
  async run({ c, session: { view } }: ApiRequest) {
    const { from, to, ifExists } = await bodyOf(c, COPY);
    const condition = conditionOf(c.req.raw);
    const options = ifExists === undefined
      ? { condition }
      : { condition, ifExists: ifExists as IfExists };
    return c.json(await view.tree.copy(absolute(from), absolute(to), options), 201);
  },
});

const MODIFIED = {
  path: PATH,
  mtimeMs: { type: "integer", required: true, summary: "Milliseconds since the epoch" },
} satisfies Record<string, Field>;

export const setModified = route({
  name: "setModified",
  method: "post",
  at: "/modified",
  letters: "w",
  summary: "Sets a file's modification time.",
  body: MODIFIED,
  replies: { 204: "It is set.", 412: "The file is not as the preconditions say." },
  async run({ c, session: { view } }) {
    const { path, mtimeMs } = await bodyOf(c, MODIFIED);
    const condition = conditionOf(c.req.raw);
    await view.tree.setModified(absolute(path), mtimeMs as number, { condition });
    return c.body(null, 204);
  },
});

/** Paths begin at the root, with or without a slash. */
function absolute(path: unknown): string {
  const text = path as string;
  return text.startsWith("/") ? text : `/${text}`;
}
