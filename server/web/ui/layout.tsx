/** The frame of every page. */
import { html } from "hono/html";
import type { Child, FC } from "hono/jsx";
import { assetUrl } from "../assets/table.ts";
import type { WebContext } from "../env.ts";
import type { WebSession } from "../web_session.ts";

/** What a page tells its frame. */
export interface LayoutProps {
  /** Of the page, without the product's name. */
  readonly title: string;
  readonly session?: WebSession | undefined;
  readonly children?: Child;
}

/** See the head of the module. */
export const Layout: FC<LayoutProps> = ({ title, session, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · Towpath`}</title>
      <link rel="stylesheet" href={assetUrl("style.css")} />
      {session?.csrfToken && <meta name="csrf-token" content={session.csrfToken} />}
    </head>
    <body>
      <header>
        <a href="/">Towpath</a>
        {session && (
          <form method="post" action="/sign-out">
            <CsrfField session={session} />
            <span>{session.account}</span>
            <button type="submit">Sign out</button>
          </form>
        )}
      </header>
      <main id="main">{children}</main>
    </body>
  </html>
);

/** What every form has that changes something. */
export const CsrfField: FC<{ session: WebSession | undefined }> = ({ session }) =>
  session?.csrfToken === undefined
    ? null
    : <input type="hidden" name="csrf" value={session.csrfToken} />;

/** A page as a response. */
export function page(
  c: WebContext,
  content: Child,
  status: number = 200,
  headers: Readonly<Record<string, string>> = {},
): Response | Promise<Response> {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.html(html`<!DOCTYPE html>${content}`, status as 200);
}
