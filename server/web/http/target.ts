/**
 * The target of a request (RFC 9112, section 3.2). URL parsers repair invalid URLs: they turn `\`
 * into `/`, resolve `.` and `..`, drop tabs and encode other characters. A proxy in front of this
 * server may parse the original differently, so a target that would be repaired is refused: a
 * handler sees exactly the bytes sent.
 */

/** A parsed request target. */
export type Target =
  | { readonly kind: "path"; readonly path: string; readonly authority: string | undefined }
  /** `*`, of the server as a whole: for OPTIONS alone. */
  | { readonly kind: "server" };

/** RFC 3986's `pchar`, "/", and what browsers send unencoded in paths. */
const PATH = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/|[\]-]|%[0-9A-Fa-f]{2})*$/;
/** The same, "?", and what browsers send unencoded in queries. */
const QUERY = /^(?:[A-Za-z0-9._~!$&()*+,;=:@/?|[\]{}^`\\-]|%[0-9A-Fa-f]{2})*$/;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const SCHEME = "https://";

/** Whether a text is a host with or without a port, and no user information. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** Reads a target; undefined where it is none that this server takes. */
export function parseTarget(text: string): Target | undefined {
  if (text === "*") return { kind: "server" };
  if (text.startsWith("/")) return pathTarget(text, undefined);
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  const rest = text.slice(SCHEME.length);
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (!isHost(authority)) return undefined;
  const path = end < 0 ? "" : rest.slice(end);
  return pathTarget(path.startsWith("/") ? path : `/${path}`, authority);
}

function pathTarget(text: string, authority: string | undefined): Target | undefined {
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  // An apostrophe is the one legal character of a query that URL parsers encode.
  const query = mark < 0 ? "" : text.slice(mark + 1).replaceAll("'", "%27");
  if (!PATH.test(path) || !QUERY.test(query) || climbs(path)) return undefined;
  return { kind: "path", path: mark < 0 ? path : `${path}?${query}`, authority };
}

/**
 * Whether a path has a segment `.` or `..`, or a NUL, however it is encoded. An encoded slash or
 * backslash ends a segment here: others decode it before they look.
 */
function climbs(path: string): boolean {
  if (!path.includes("%") && !path.includes("/.")) return false;
  const decoded = path.replaceAll(/%(2[eEfF]|5[cC]|00)/g, (_, code: string) => {
    return String.fromCharCode(parseInt(code, 16));
  });
  return decoded.includes("\0") ||
    decoded.split(/[/\\]/).some((segment) => segment === "." || segment === "..");
}
