/** Local paths: where they are relative to, and which names of a server's may become one. */
import { resolve } from "node:path";
import { CONTROL } from "../../../common/printable.ts";
import { env } from "../common/environment.ts";

/** The user's working directory: `deno task` changes to the project's and passes the user's on. */
export function userDirectory(): string {
  return standsIn ?? env("INIT_CWD") ?? Deno.cwd();
}

let standsIn: string | undefined;

/** The user goes elsewhere, by `LCD`. @param path absolute */
export function standIn(path: string): void {
  standsIn = path;
}

/** A path of the command line as an absolute one. */
export function localPath(path: string): string {
  return resolve(userDirectory(), path);
}

/**
 * Checks that a relative path from a server may be created below a local directory: no segment is
 * `..`, empty, or contains a separator or control character.
 */
export function isSafeRelative(path: string): boolean {
  const windows = Deno.build.os === "windows";
  return path.split("/").every((segment) =>
    segment !== "" && segment !== "." && segment !== ".." &&
    !CONTROL.test(segment) &&
    !(windows && /[\\:*?"<>|]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment))
  );
}

/** The last segment of a remote path; empty for `/`, `.` and `..`. */
export function remoteBase(path: string): string {
  const segment = path.split("/").filter((part) => part !== "").at(-1) ?? "";
  return segment === "." || segment === ".." ? "" : segment;
}

/** Appends a relative path to a remote directory. */
export function remoteJoin(directory: string, name: string): string {
  if (directory === "" || name === "") return directory + name;
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}
