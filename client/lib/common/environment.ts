/**
 * Checks the process's permissions. A check before each first access keeps Deno from prompting on
 * the terminal, and turns a missing permission into one clear sentence.
 */
import { ClientError, ExitCode } from "./error.ts";
import { quoted } from "../../../common/printable.ts";

/** An environment variable; one that may not be read counts as unset, and so does an empty one. */
export function env(name: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") {
    return undefined;
  }
  return Deno.env.get(name) || undefined;
}

/** Explains that an environment variable may not be read; empty if it may. */
export function lackOfEnv(name: string): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted"
    ? ""
    : `: Deno was not given the permission to read ${name}, run again with --allow-env=${name}`;
}

/** Whether every path may be read and written. */
export function mayUseAll(): boolean {
  return mayAll("read") && mayAll("write");
}

/** Whether a path may be read. */
export function mayRead(path: string): boolean {
  return mayAll("read") || granted({ name: "read", path });
}

/** Whether a path may be written. */
export function mayWrite(path: string): boolean {
  return mayAll("write") || granted({ name: "write", path });
}

const all = new Map<"read" | "write", boolean>();

/** Whether all paths may be; asked once, as each of thousands of files would ask. */
function mayAll(name: "read" | "write"): boolean {
  let may = all.get(name);
  if (may === undefined) all.set(name, may = granted({ name }));
  return may;
}

function granted(what: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(what).state === "granted";
}

/** Requires that a path may be read. @throws {ClientError} which names the missing flag */
export function needRead(path: string): void {
  if (!mayRead(path)) throw lacking(`read ${quoted(path)}`, `--allow-read=${path}`, path);
}

/** Requires that a path may be written. @throws {ClientError} which names the missing flag */
export function needWrite(path: string): void {
  if (!mayWrite(path)) throw lacking(`write ${quoted(path)}`, `--allow-write=${path}`, path);
}

/** Requires that a host may be reached. @throws {ClientError} which names the missing flag */
export function needNet(host: string): void {
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") return;
  throw lacking(`connect to ${host}`, `--allow-net=${host}`);
}

function lacking(action: string, flag: string, filename?: string): ClientError {
  return new ClientError(
    `Cannot ${action}: Deno was not given the permission, run again with ${flag}`,
    { exitCode: ExitCode.denied, filename },
  );
}
