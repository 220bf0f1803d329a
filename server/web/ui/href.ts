/** Addresses of pages about paths. */
import type { VirtualPath } from "../../../storage/contract/path.ts";

/** Pages about one path; they precede it in the address. */
export type PathPage = "files" | "details" | "raw" | "zip" | "why";

/** Address of a page about a path; what could mean something else in it is escaped. */
export function hrefOf(page: PathPage, path: VirtualPath): string {
  return `/${page}${encodePath(path)}`;
}

/** A virtual path as part of an address. */
export function encodePath(path: VirtualPath): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The virtual path that the address of a request names behind the first segment. */
export function pathIn(url: string): string {
  const { pathname } = new URL(url);
  const rest = pathname.slice(pathname.indexOf("/", 1));
  return pathname.indexOf("/", 1) < 0 ? "/" : decodedPath(rest);
}

/** An address with other parameters; those that are undefined are left out. */
export function withQuery(
  address: string,
  parameters: Record<string, string | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? address : `${address}?${text}`;
}

/** A path as an address has it; one that is not encoded right names nothing that is there. */
export function decodedPath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
