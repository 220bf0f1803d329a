/**
 * Kept logins: for each server, or under a name of the user's (a profile), the user, and the token
 * where the server gives tokens. The one of the last login is the default.
 */
import { type ConfigDirectory, fileKey } from "../../lib/connection/config.ts";

/** A login that is kept in the config directory. */
export interface Login {
  server: string;
  /** Name that the user gave it; absent: it is the server's. */
  profile?: string;
  user: string;
  /** Absent if the server gives no tokens: each command prompts for the password then. */
  token?: string;
  token_id?: string;
}

/** Which of the kept logins: the one of a server, or the one under a name. */
export interface LoginName {
  server: string;
  profile?: string | undefined;
}

const DIRECTORY = "logins";
const DEFAULT = "default-login.json";

function place({ server, profile }: LoginName): string {
  // No server's name contains a space, so a profile never takes the file of a server.
  return `${DIRECTORY}/${fileKey(profile === undefined ? server : `profile ${profile}`)}.json`;
}

/** The login kept for a server, or under a name for that server. */
export function keptLogin(
  config: ConfigDirectory | undefined,
  { server, profile }: LoginName,
): Login | undefined {
  const login = readLogin(config, place({ server, profile }));
  // A token never goes to another server than the one that gave it.
  return login?.server === server && login.profile === profile ? login : undefined;
}

/** The login kept under a name, whichever server it is for. */
export function profileLogin(
  config: ConfigDirectory | undefined,
  profile: string,
): Login | undefined {
  const login = readLogin(config, place({ server: "", profile }));
  return login?.profile === profile ? login : undefined;
}

/** Names under which logins are kept, in order. */
export function profileNames(config: ConfigDirectory | undefined): string[] {
  const names = config?.list(DIRECTORY) ?? [];
  return names.flatMap((name) => readLogin(config, `${DIRECTORY}/${name}`)?.profile ?? []).sort();
}

/** All kept logins: those of servers first, then those under names, each in order. */
export function keptLogins(
  config: ConfigDirectory | undefined,
): { login: Login; isDefault: boolean }[] {
  const chosen = defaultLogin(config);
  const files = config?.list(DIRECTORY) ?? [];
  return files.flatMap((name) => readLogin(config, `${DIRECTORY}/${name}`) ?? [])
    .sort((a, b) => orderOf(a) < orderOf(b) ? -1 : 1)
    .map((login) => ({
      login,
      isDefault: login.server === chosen?.server && login.profile === chosen.profile,
    }));
}

function orderOf({ profile, server }: Login): string {
  return profile === undefined ? `0 ${server}` : `1 ${profile}`;
}

/** Keeps a login in place of an earlier one. */
export function keepLogin(config: ConfigDirectory, login: Login): void {
  config.write(place(login), JSON.stringify(login) + "\n");
}

/** Makes a login the one of commands that name no server. */
export function makeDefault(config: ConfigDirectory, { server, profile }: LoginName): void {
  config.write(DEFAULT, JSON.stringify({ server, profile }) + "\n");
}

/** The login that is the default one; undefined where there was none, or it was forgotten. */
export function defaultLogin(config: ConfigDirectory | undefined): Login | undefined {
  const { server, profile } = config?.readJson(DEFAULT) ?? {};
  if (typeof server !== "string") return undefined;
  return keptLogin(config, typeof profile === "string" ? { server, profile } : { server });
}

/** Removes a kept login; it is the default one no longer. */
export function forgetLogin(config: ConfigDirectory, name: LoginName): void {
  const { server, profile } = config.readJson(DEFAULT) ?? {};
  if (server === name.server && profile === name.profile) config.remove(DEFAULT);
  config.remove(place(name));
}

function readLogin(config: ConfigDirectory | undefined, path: string): Login | undefined {
  const kept = config?.readJson(path);
  if (typeof kept?.server !== "string" || typeof kept.user !== "string") return undefined;
  const login: Login = { server: kept.server, user: kept.user };
  if (typeof kept.profile === "string") login.profile = kept.profile;
  if (typeof kept.token === "string") login.token = kept.token;
  if (typeof kept.token_id === "string") login.token_id = kept.token_id;
  return login;
}
