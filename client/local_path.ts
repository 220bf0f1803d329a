/** Local paths: where they are relative to, and which names of a server's may become one. */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { env } from "./environment.ts";

const MAX_NAME_BYTES = 255;
const encoder = new TextEncoder();

/** The directory the user stands in: `deno task` changes to the project's and leaves the user's. */
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
 * Whether a relative path that a server told may be created below a directory of ours: no segment
 * climbs, is empty, or holds a separator or control character.
 */
export function isSafeRelative(path: string): boolean {
  const windows = Deno.build.os === "windows";
  return path.split("/").every((segment) =>
    segment !== "" && segment !== "." && segment !== ".." &&
    // deno-lint-ignore no-control-regex
    !/[\u0000-\u001f\u007f-\u009f]/.test(segment) &&
    !(windows && /[\\:*?"<>|]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment))
  );
}

/** Where a download is kept until it is whole: `NAME.part`, shorter where that would be too long. */
export function partPath(target: string): string {
  const name = basename(target);
  if (encoder.encode(name).length + 5 <= MAX_NAME_BYTES) return `${target}.part`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  let head = "";
  for (const character of name) {
    if (encoder.encode(head + character).length > 200) break;
    head += character;
  }
  return join(dirname(target), `${head}~${digest}.part`);
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
