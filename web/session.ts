/** The session of the page: another one may have begun since the page was loaded. */
import { fetchPage } from "./document.ts";

/** Takes the token of the session that there is now. @returns whether there is one */
export async function renewToken(): Promise<boolean> {
  return takeToken((await fetchPage({ url: "/files/" })).document);
}

/** Takes the token of a page that was fetched. @returns whether it has one */
export function takeToken(fresh: Document): boolean {
  const select = (from: Document) => from.querySelector('meta[name="csrf-token"]');
  const token = select(fresh)?.getAttribute("content");
  if (token) select(document)?.setAttribute("content", token);
  return Boolean(token);
}
