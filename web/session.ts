/** The session of the page: another one may have begun, or it may have ended, since it was loaded. */
import { addressIn, hrefOut } from "./common/base_path.ts";
import { type Fetched, fetchPage } from "./document.ts";

/** Session of the browser, as the page sees it; `other` has the account that is signed in. */
export type Session =
  | { readonly state: "same" }
  | { readonly state: "none" }
  | { readonly state: "other"; readonly account: string };

/**
 * Asks the server for the present session, and takes its token if it is one of the same account.
 *
 * @throws {Error} if the server does not answer, or cannot say
 */
export async function renewToken(): Promise<Session> {
  const fetched = await fetchPage({ url: hrefOut("/account") });
  const session = takeToken(fetched.document);
  if (session.state !== "none" || isSignedOut(fetched)) return session;
  throw new Error(`The server answered ${fetched.status}`);
}

/** Takes the token of a page that was fetched, for this page and its forms. */
export function takeToken(fresh: Document): Session {
  const token = content(fresh, "csrf-token");
  const account = content(fresh, "account");
  if (!token || !account) return { state: "none" };
  if (account !== content(document, "account")) return { state: "other", account };
  document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
  for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) {
    field.value = token;
  }
  return { state: "same" };
}

function isSignedOut({ status, url }: Fetched): boolean {
  return status === 401 || addressIn(new URL(url)) === "/sign-in";
}

function content(from: Document, name: string): string | null | undefined {
  return from.querySelector(`meta[name="${name}"]`)?.getAttribute("content");
}
