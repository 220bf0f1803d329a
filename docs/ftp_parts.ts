/** The generated parts of docs/ftp.md, from the tables that the FTP door itself reads. */
import { SITE_ROWS } from "../server/ftp/commands/site.ts";
import { CODE_OF } from "../server/ftp/failure.ts";
import { ROWS } from "../server/ftp/table.ts";
import { code, table } from "./table.ts";

/** All commands in one table. */
export function commandTable(): string {
  return table(
    ["command", "alias", "permissions", "effect"],
    ROWS.map(({ name, aliases = [], needsLogin = true, letters, syntax, summary }) => [
      code(`${name} ${syntax}`.trim()),
      aliases.map(code).join(", "),
      needsLogin ? letters && code(letters) : "before login too",
      summary,
    ]),
  );
}

/** The commands of `SITE`. */
export function siteTable(): string {
  return table(
    ["command", "permissions", "effect"],
    SITE_ROWS.map(({ name, letters, syntax, summary }) => [
      code(`SITE ${name} ${syntax}`.trim()),
      letters && code(letters),
      summary,
    ]),
  );
}

/** The reply to each kind of error of storage. */
export function failureTable(): string {
  const kinds = new Map<number, string[]>();
  for (const [kind, reply] of Object.entries(CODE_OF)) {
    kinds.set(reply, [...kinds.get(reply) ?? [], kind]);
  }
  return table(
    ["reply", "kinds of error"],
    [...kinds].sort(([a], [b]) => a - b).map(([reply, names]) => [
      String(reply),
      names.map((name) => name.replaceAll("-", " ")).join(", "),
    ]),
  );
}
