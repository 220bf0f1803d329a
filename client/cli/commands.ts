/**
 * The table of commands; each row is a file of `commands/`, loaded on demand. Deno reads the files of
 * all imports at the start, those in functions too, unless it is given
 * `--unstable-lazy-dynamic-imports`, as by the task `client`.
 */
import { ALIASES } from "./options/aliases.ts";
import type { Command } from "./options/command.ts";

/** Commands for scripts of the shells, which no help lists. */
const HIDDEN = new Map<string, () => Promise<Command>>([
  ["complete", async () => (await import("./commands/complete.ts")).complete],
]);

/** Every command, in the order of the help. */
const LOADERS = new Map<string, () => Promise<Command>>([
  ["login", async () => (await import("./commands/account/login.ts")).login],
  ["logins", async () => (await import("./commands/account/logins.ts")).logins],
  ["logout", async () => (await import("./commands/account/logout.ts")).logout],
  ["trust", async () => (await import("./commands/account/trust.ts")).trust],
  ["whoami", async () => (await import("./commands/account/whoami.ts")).whoami],
  ["register", async () => (await import("./commands/account/register.ts")).register],
  ["passwd", async () => (await import("./commands/account/passwd.ts")).passwd],
  ["token", async () => (await import("./commands/account/token.ts")).token],
  ["list", async () => (await import("./commands/list.ts")).list],
  ["upload", async () => (await import("./commands/upload.ts")).upload],
  ["download", async () => (await import("./commands/download.ts")).download],
  ["sync", async () => (await import("./commands/sync.ts")).sync],
  ["resume", async () => (await import("./commands/resume.ts")).resume],
  ["parts", async () => (await import("./commands/parts.ts")).parts],
  ["rm", async () => (await import("./commands/rm.ts")).rm],
  ["mkdir", async () => (await import("./commands/mkdir.ts")).mkdir],
  ["rmdir", async () => (await import("./commands/rmdir.ts")).rmdir],
  ["mv", async () => (await import("./commands/mv.ts")).mv],
  ["cp", async () => (await import("./commands/cp.ts")).cp],
  ["stat", async () => (await import("./commands/stat.ts")).stat],
  ["view", async () => (await import("./commands/view.ts")).view],
  ["hash", async () => (await import("./commands/hash.ts")).hash],
  ["verify", async () => (await import("./commands/verify.ts")).verify],
  ["versions", async () => (await import("./commands/versions.ts")).versions],
  ["share", async () => (await import("./commands/sharing/share.ts")).share],
  ["unshare", async () => (await import("./commands/sharing/unshare.ts")).unshare],
  ["shares", async () => (await import("./commands/sharing/shares.ts")).shares],
  ["lock", async () => (await import("./commands/sharing/lock.ts")).lock],
  ["unlock", async () => (await import("./commands/sharing/unlock.ts")).unlock],
  ["locks", async () => (await import("./commands/sharing/locks.ts")).locks],
  ["why", async () => (await import("./commands/why.ts")).why],
  ["admin", async () => (await import("./commands/admin.ts")).admin],
  ["menu", async () => (await import("./commands/menu.ts")).menu],
  ["shell", async () => (await import("./commands/shell.ts")).shell],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctor],
  ["completion", async () => (await import("./commands/completion.ts")).completion],
  ["raw", async () => (await import("./commands/raw.ts")).raw],
]);

/** The command of that name: no other is loaded, which would take longer than many of them run. */
export async function findCommand(name: string): Promise<Command | undefined> {
  return await LOADERS.get(ALIASES.get(name) ?? name)?.() ?? await HIDDEN.get(name)?.();
}

/** The names of all commands, in the order of the help. */
export function commandNames(): string[] {
  return [...LOADERS.keys()];
}

/** Every command, in the order of the help. */
export function allCommands(): Promise<Command[]> {
  return Promise.all([...LOADERS.values()].map((load) => load()));
}
