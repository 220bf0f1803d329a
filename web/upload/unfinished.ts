/** Unfinished uploads at the server, from all doors (protocols) and machines. */
import { hrefOut } from "../common/base_path.ts";
import { ownHeaders } from "../common/dom.ts";

/** One of them. */
export interface Unfinished {
  id: string;
  /** Virtual path that it is to get. */
  path: string;
  /** Bytes that the server has. */
  offset: number;
  /** Bytes in all, or null where that was not announced. */
  size: number | null;
  /** When it expires, in ms since 1970. */
  expiresMs: number;
  /** Whether a client sends at this moment. */
  active: boolean;
}

/**
 * Asks the server.
 *
 * @param following the page asks by itself, which does not count as a use of the session
 * @throws {Error} where it gives no answer
 */
export async function listUnfinished(following = false): Promise<Unfinished[]> {
  const reply = await fetch(hrefOut("/api/v1/uploads"), {
    headers: {
      Accept: "application/json",
      ...(following && { "X-Following": "1" }),
      ...ownHeaders(),
    },
  });
  if (!reply.ok) throw new Error(`The server answered ${reply.status}`);
  const { uploads } = await reply.json();
  if (!Array.isArray(uploads)) return [];
  return uploads.filter(({ guest }: { guest?: boolean }) => guest !== true); // only the guest can continue those
}

/** The server's name of an upload, from its address. */
export function idOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
