/** The generated parts of docs/protocol.md, from the code that carries the protocol out. */
import * as messages from "../protocol/messages.ts";
import { type Status, STATUSES } from "../protocol/status.ts";
import { ROWS } from "../server/native/table.ts";
import { LETTERS } from "../storage/contract/permission.ts";
import { code, table } from "./table.ts";

/** The columns of a command in the reference. */
interface Shown {
  name: messages.CommandName;
  aliases?: readonly string[];
  needsLogin?: boolean;
  letters: string;
  summary: string;
  reply: string;
}

/** `END` has no row: the session passes it to the receiver of the running upload. */
const END: Shown = {
  name: "END",
  letters: "",
  summary: "Ends the running upload.",
  reply: "none of its own: the upload's final reply",
};

/** All commands, `END` after the commands that begin an upload. */
export function commands(): Shown[] {
  const rows: Shown[] = [...ROWS];
  rows.splice(rows.findIndex(({ name }) => name === "RESUME") + 1, 0, END);
  return rows;
}

/** All commands in one table. */
export function commandTable(): string {
  return table(
    ["command", "alias", "permissions", "effect"],
    commands().map(({ name, aliases = [], needsLogin = true, letters, summary }) => [
      code(name),
      aliases.map(code).join(", "),
      needsLogin ? letters && code(letters) : "before login too",
      summary,
    ]),
  );
}

/** The data and replies of some commands. */
export function requestTable(names: readonly string[]): string {
  const rows = names.map((name) => {
    const found = commands().find((row) => row.name === name);
    if (found === undefined) throw new Error(`There is no command ${name}`);
    return [code(name), members(found.name), replyText(found.reply)];
  });
  return table(["command", "data", "final reply"], rows);
}

/** All statuses. */
export function statusTable(): string {
  return table(
    ["status", "code", "meaning"],
    (Object.keys(STATUSES) as Status[]).map((name) => [
      code(name),
      String(STATUSES[name].code),
      STATUSES[name].meaning,
    ]),
  );
}

/** The permissions, by their letters. */
export function letterTable(): string {
  return table(
    ["letter", "allows"],
    Object.entries(LETTERS).map(([letter, meaning]) => [code(letter), meaning]),
  );
}

/** A schema of valibot: the members that this file reads. */
interface Schema {
  type: string;
  wrapped?: Schema;
  options?: readonly string[];
  pipe?: readonly (Schema & { requirement?: unknown })[];
}

/** The members of a command's data, with their types. */
function members(command: messages.CommandName): string {
  const { entries } = messages.REQUESTS[command] as unknown as { entries: Record<string, Schema> };
  return Object.entries(entries).map(([name, schema]) => {
    const optional = schema.type === "optional";
    return `${code(optional ? `${name}?` : name)} ${typeName(optional ? schema.wrapped! : schema)}`;
  }).join(", ");
}

const NAMES = new Map<unknown, string>([
  [messages.count, "integer"],
  [messages.time, "time"],
  [messages.sha256, "hash"],
  [messages.text, "text"],
  [messages.flag, "boolean"],
  [messages.letters, "letters"],
  [messages.limit, 'integer from 1, `"none"`, `"default"`'],
  [messages.accountNames, "list of account names"],
  [messages.networks, 'list of networks, `"default"`'],
  [messages.doors, 'list of doors, `"default"`'],
  [messages.duration, "integer from 1"],
  [messages.key, "text of 1 to 64 characters"],
  [messages.shareLetters, "permission letters of `rwcd`"],
  [messages.groupLetters, "letters of `rwcd`"],
  [messages.expiry, 'time, `"never"`'],
]);

function typeName(schema: Schema): string {
  const known = NAMES.get(schema);
  if (known !== undefined) return known;
  if (schema.type === "nullable") return `${typeName(schema.wrapped!)} or null`;
  if (schema.options) return schema.options.map((option) => code(`"${option}"`)).join(", ");
  const [base, ...bounds] = schema.pipe ?? [];
  if (base === undefined) throw new Error(`No name is known for a schema of type ${schema.type}`);
  const words = bounds.map(({ type, requirement }) => {
    if (type === "min_value") return `from ${requirement}`;
    if (type === "max_value") return `up to ${requirement}`;
    if (type === "max_length") return `of up to ${requirement} characters`;
    throw new Error(`No words are known for the bound ${type}`);
  });
  return [typeName(base), ...words].join(" ");
}

/** Sets the literal parts of a row's `reply` as code. */
function replyText(reply: string): string {
  return reply.replaceAll(
    /(?:\b[A-Z][A-Z_]+\b(?: \d{3})?)?(?: ?\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})?/g,
    (found) => {
      const trimmed = found.trim();
      if (
        trimmed === "" || trimmed === "DATA" || trimmed === "AUTH" || trimmed === "UPLOAD"
      ) return found;
      return found.replace(trimmed, code(trimmed));
    },
  );
}
