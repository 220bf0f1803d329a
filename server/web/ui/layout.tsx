/** The frame of every page. */
import { html } from "hono/html";
import type { Child, FC } from "hono/jsx";
import { assetUrl } from "../assets/table.ts";
import type { WebContext } from "../request/env.ts";
import { isPublished, type WebSession } from "../request/web_session.ts";
import { BasePath, useBasePath } from "./base_path.ts";
import { Icon, IconDrawings, type IconName } from "./icons.tsx";
import { plainName } from "./text.tsx";

/** Which of the main places a page belongs to. */
export type Section = "files" | "shares" | "account" | "admin";

/** A message of a page as a whole. */
export interface Alert {
  /** One sentence, without a final period. */
  readonly detail: string;
  /** Address of the page with the rule that denies it. */
  readonly why?: string | undefined;
}

/** Properties of the frame around a page. */
export interface LayoutProps {
  /** Title of the page, without the product's name. */
  readonly title: string;
  readonly session?: WebSession | undefined;
  readonly section?: Section;
  /** How wide it is. @default as wide as tables need */
  readonly width?: "narrow" | "reading";
  /** The directory that the page shows: uploads go there. */
  readonly directory?: string;
  /** Result of the last action: one sentence. */
  readonly toast?: string | undefined;
  /** Error of the last action, if no form of the page shows it. */
  readonly alert?: Alert | undefined;
  /** Address of the page itself, if it is the reply to a form. */
  readonly address?: string | undefined;
  /** Address of the page that follows at once. */
  readonly goesOn?: string;
  readonly children?: Child;
}

/** Document, header and navigation around the content of a page. */
export const Layout: FC<LayoutProps> = (props) => {
  const { title, session, section, width, directory, toast, goesOn, children } = props;
  const { alert, address } = props;
  const base = useBasePath();
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {goesOn !== undefined && <meta http-equiv="refresh" content={`0; url=${base}${goesOn}`} />}
        <title>{`${plainName(title)} · Towpath`}</title>
        <link rel="icon" href={assetUrl("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl("style.css")} />
        <script type="module" src={assetUrl("page.js")} />
        {base !== "" && <meta name="base-path" content={base} />}
        {session && <meta name="account" content={session.account} />}
        {session?.csrfToken && <meta name="csrf-token" content={session.csrfToken} />}
      </head>
      <body>
        <IconDrawings />
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <div>
            <a class="brand" href="/" aria-label="Towpath, to the files">
              <Icon name="mark" /> <span class="word">Towpath</span>
            </a>
            {session && (isPublished(session)
              ? <SignIn />
              : <Navigation session={session} section={section} />)}
          </div>
        </header>
        <main
          id="main"
          tabindex={-1}
          class={width ?? ""}
          data-directory={directory}
          data-address={address}
        >
          {alert && (
            <p class="notice bad" role="alert">
              {alert.detail}.{alert.why && (
                <>
                  {" "}
                  <a href={alert.why}>What is allowed, and why</a>
                </>
              )}
            </p>
          )}
          {children}
        </main>
        <footer class="zone muted small" data-zone>Times are in UTC.</footer>
        <div class="toasts" data-toasts role="status" aria-live="polite">
          {toast !== undefined && <p class="toast">{toast}</p>}
        </div>
      </body>
    </html>
  );
};

const PLACES: readonly (readonly [Section, string, IconName, string])[] = [
  ["files", "/files/", "folder", "Files"],
  ["shares", "/shares", "share", "Shares"],
  ["account", "/account", "user", "Account"],
  ["admin", "/admin", "admin", "Administration"],
];

const Navigation: FC<{ session: WebSession; section: Section | undefined }> = async (
  { session, section },
) => {
  // The page that reports an ended session has a frame too.
  const letters = await session.view.permissions.letters().catch(() => "");
  return (
    <nav aria-label="Main">
      <ul>
        {PLACES.filter(([place]) => place !== "admin" || letters.includes("t")).map(
          ([place, href, icon, word]) => (
            <li>
              <a href={href} aria-current={place === section ? "page" : undefined}>
                <Icon name={icon} /> <span class="word">{word}</span>
              </a>
            </li>
          ),
        )}
        <li>
          <form method="post" action="/sign-out">
            <CsrfField session={session} />
            <button type="submit" title={`Signed in as ${session.account}`}>
              <Icon name="leave" /> <span class="word">Sign out</span>
            </button>
          </form>
        </li>
      </ul>
    </nav>
  );
};

/** In place of the navigation, for sessions without an account. */
const SignIn: FC = () => (
  <nav aria-label="Main">
    <ul>
      <li>
        <a href="/sign-in">
          <Icon name="user" /> <span class="word">Sign in</span>
        </a>
      </li>
    </ul>
  </nav>
);

/** Hidden field of every form that changes something. */
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
  const base = c.var.basePath;
  const whole = base === "" ? content : <BasePath value={base}>{content}</BasePath>;
  return c.html(html`<!DOCTYPE html>${whole}`, status as 200);
}
