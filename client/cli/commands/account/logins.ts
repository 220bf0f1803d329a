import type { Command } from "../../options/command.ts";
import { needConfig } from "../../../lib/connection/config.ts";
import { keptLogins } from "../../options/logins.ts";
import { printable } from "../../../../common/printable.ts";
import { tableLines } from "../../../../common/table.ts";

/** `logins` */
export const logins: Command = {
  name: "logins",
  summary: "list the kept logins and their profiles, without their secrets",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  details:
    `An asterisk marks the one of commands without --server and --profile. The logins are files of
the config directory, which only you can read (mode 600, directories 700).`,
  examples: ["logins", "list / --profile work", "logout work"],
  run({ config, output }) {
    const directory = needConfig(config).path;
    const found = keptLogins(config);
    output.event("done", {
      directory,
      logins: found.map(({ login: { server, profile, user, token }, isDefault }) => ({
        profile: profile ?? null,
        server,
        username: user,
        kept: token === undefined ? "user" : "token",
        default: isDefault,
      })),
    });
    const rows = found.map(({ login: { server, profile, user, token }, isDefault }) => [
      isDefault ? "*" : "",
      profile ?? "-",
      server,
      user,
      token === undefined ? "asks for the password" : "token",
    ]);
    const headings = ["", "profile", "server", "user", "kept"];
    if (rows.length > 0) {
      for (const line of tableLines(rows, { headings })) output.result(printable(line));
    }
    output.note(
      printable(rows.length > 0 ? `Kept in ${directory}` : `No login is kept in ${directory}`),
    );
    return Promise.resolve();
  },
};
