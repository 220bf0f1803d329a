/** The session's own shares, and those of others with it. */
import { groupOf } from "../../../storage/contract/books/group_book.ts";
import type { FC } from "hono/jsx";
import type { LinkInfo } from "../../../storage/people/links.ts";
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import { Letters } from "../ui/form.tsx";
import { hrefOf } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { type Alert, Layout } from "../ui/layout.tsx";
import { Rows } from "../ui/rows.ts";
import { EndTime, Name } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";
import { Checksum } from "./details_page.tsx";
import { EndLink, EndShare, LinkTerms } from "./share_panel.tsx";
import { ShownOnce } from "../ui/shown_once.tsx";
import { TableHead } from "../ui/table_head.tsx";

/** The first shares of a list. */
interface FirstShares {
  readonly shown: readonly ShareInfo[];
  /** Whether there are more. */
  readonly more: boolean;
}

interface SharesProps {
  readonly session: WebSession;
  readonly withMe: FirstShares;
  readonly byMe: FirstShares;
  readonly links: readonly LinkInfo[];
  readonly toast: string | undefined;
  /** Why something was not done. */
  readonly alert: Alert | undefined;
}

/** Page of the shares and links of a session. */
export const SharesPage: FC<SharesProps> = ({ session, withMe, byMe, links, toast, alert }) => (
  <Layout
    title="Shares"
    section="shares"
    {...{ session, toast, alert }}
    address={alert === undefined ? undefined : "/shares"}
  >
    <h1>Shares</h1>
    <section class="card" aria-labelledby="with-me">
      <h2 id="with-me">Shared with me</h2>
      {withMe.shown.length === 0 ? <p class="muted">Nothing.</p> : (
        <table class="cards">
          <TableHead of={["What", "Of", "I may", "Until"]} />
          <tbody>
            <Rows
              each={withMe.shown}
              row={(share) => (
                <tr>
                  <th scope="row" data-head="What">
                    <a href={hrefOf("files", share.shown)}>
                      <Name text={share.path} />
                    </a>
                  </th>
                  <td data-head="Of">
                    {share.owner}
                    {groupOf(share.guest) !== undefined && ` (with ${share.guest})`}
                  </td>
                  <td data-head="I may">
                    <Letters letters={share.letters} />
                  </td>
                  <EndCell ms={share.expiresMs} />
                </tr>
              )}
            />
          </tbody>
        </table>
      )}
      {withMe.more && <More count={withMe.shown.length} />}
    </section>
    <section class="card" aria-labelledby="by-me">
      <h2 id="by-me">Shared by me</h2>
      {byMe.shown.length === 0
        ? <p class="muted">Nothing. Share a file or folder on its details page.</p>
        : (
          <table class="cards">
            <TableHead of={["What", "With", "Permissions", "Until"]} actions />
            <tbody>
              <Rows
                each={byMe.shown}
                row={(share) => (
                  <tr>
                    <Of path={share.path} />
                    <td data-head="With">{share.guest === "*" ? "every account" : share.guest}</td>
                    <td data-head="Permissions">
                      <Letters letters={share.letters} />
                    </td>
                    <EndCell ms={share.expiresMs} />
                    <td>
                      <EndShare session={session} share={share} back="shares" />
                    </td>
                  </tr>
                )}
              />
            </tbody>
          </table>
        )}
      {byMe.more && <More count={byMe.shown.length} />}
    </section>
    <section class="card" aria-labelledby="links">
      <h2 id="links">Public links</h2>
      {links.length === 0 ? <p class="muted">None.</p> : (
        <table class="cards">
          <TableHead of={["What", "Label", "Terms"]} actions />
          <tbody>
            <Rows
              each={links}
              row={(link) => (
                <tr>
                  <Of path={link.path} />
                  <td data-head="Label">{link.label !== "" && <Name text={link.label} />}</td>
                  <td data-head="Terms" class="small">
                    <span>
                      <LinkTerms link={link} />
                    </span>
                  </td>
                  <td>
                    <EndLink session={session} link={link} back="shares" />
                  </td>
                </tr>
              )}
            />
          </tbody>
        </table>
      )}
    </section>
  </Layout>
);

const More: FC<{ count: number }> = ({ count }) => (
  <p class="muted">These are the first {count}. The HTTP API lists more.</p>
);

const Of: FC<{ path: string }> = ({ path }) => (
  <th scope="row" data-head="What">
    <a href={hrefOf("details", path)}>
      <Name text={path} />
    </a>
  </th>
);

const EndCell: FC<{ ms: number | null }> = ({ ms }) => (
  <td data-head="Until">
    <EndTime ms={ms} />
  </td>
);

/** A link that has just been made: the one time that its address is shown. */
export const MadeLinkPage: FC<{ session: WebSession; link: LinkInfo; address: string }> = (
  { session, link, address },
) => (
  <Layout
    title="The link"
    session={session}
    section="shares"
    width="reading"
    address={hrefOf("details", link.path)}
  >
    <section class="card">
      <h1>
        <Icon name="link" /> The link was created
      </h1>
      <p>
        Anyone with this address can download{" "}
        <Name text={link.path} />. It is shown this once: copy it now.
      </p>
      <ShownOnce text={address} copy="Copy the link" done={hrefOf("details", link.path)} />
      <p class="muted small">
        <LinkTerms link={link} />
      </p>
      {link.pinnedHash !== null && (
        <p class="small">
          SHA-256: <Checksum hash={link.pinnedHash} />
        </p>
      )}
    </section>
  </Layout>
);
