/** Kept logins: for each server the user, and the token where the server gives tokens. */
import { type ConfigDirectory, fileKey } from "../../lib/connection/config.ts";

/** A login that is kept in the config directory. */
export interface Login {
  server: string;
  user: string;
  /** Absent if the server gives no tokens: each command prompts for the password then. */
  token?: string;
  token_id?: string;
}

const place = (server: string) => `logins/${fileKey(server)}.json`;

/** The login kept for a server. */
export function keptLogin(config: ConfigDirectory | undefined, server: string): Login | undefined {
  const kept = config?.readJson(place(server));
  if (kept === undefined || kept.server !== server || typeof kept.user !== "string") {
    return undefined;
  }
  const login: Login = { server, user: kept.user };
  if (typeof kept.token === "string") login.token = kept.token;
  if (typeof kept.token_id === "string") login.token_id = kept.token_id;
  return login;
}

/** Keeps a login in place of an earlier one. */
export function keepLogin(config: ConfigDirectory, login: Login): void {
  config.write(place(login.server), JSON.stringify(login) + "\n");
}

/** Removes the login kept for a server. */
export function forgetLogin(config: ConfigDirectory, server: string): void {
  config.remove(place(server));
}
