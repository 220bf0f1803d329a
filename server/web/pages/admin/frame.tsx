/** The frame of the pages of administration. */
import type { Child, FC } from "hono/jsx";
import { Icon } from "../../ui/icons.tsx";
import { type Alert, Layout } from "../../ui/layout.tsx";
import type { WebSession } from "../../request/web_session.ts";

const TABS = [
  ["/admin/sessions", "Sessions"],
  ["/admin/accounts", "Accounts"],
  ["/admin/groups", "Groups"],
  ["/admin/limits", "Limits"],
  ["/admin/mounts", "Mounts"],
  ["/admin/uploads", "Uploads"],
  ["/admin/logs", "Logs"],
  ["/admin/health", "Health"],
] as const;

/** Properties of the frame of administration pages. */
export interface AdminFrameProps {
  readonly session: WebSession;
  readonly tab: (typeof TABS)[number][0];
  readonly title: string;
  readonly toast?: string | undefined;
  /** Why something was not done. */
  readonly alert?: Alert | undefined;
  /** Address of the page itself, if it is the reply to a form. */
  readonly address?: string | undefined;
  readonly children?: Child;
}

/** Tabs and frame of an administration page. */
export const AdminFrame: FC<AdminFrameProps> = ({ tab, children, ...props }) => (
  <Layout {...props} section="admin">
    <nav class="tabs" aria-label="Administration">
      <ul>
        {TABS.map(([href, word]) => (
          <li>
            <a href={href} aria-current={href === tab ? "page" : undefined}>{word}</a>
          </li>
        ))}
      </ul>
    </nav>
    {children}
  </Layout>
);

/** The heading of a list, with a form for a further entry that unfolds, and is open once refused. */
export const ListHead: FC<{
  readonly title: string;
  /** What the form makes, as in "New account". */
  readonly makes: string;
  readonly open: boolean;
  readonly children?: Child;
}> = ({ title, makes, open, children }) => (
  <div class="row ends">
    <h1>{title}</h1>
    <details class="drop" open={open}>
      <summary class="button primary">
        <Icon name="plus" /> {makes}
      </summary>
      <div>{children}</div>
    </details>
  </div>
);
