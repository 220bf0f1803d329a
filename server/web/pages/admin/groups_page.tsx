/** Groups, as an administrator sees them. */
import type { FC } from "hono/jsx";
import type { GroupInfo } from "../../../../storage/people/groups.ts";
import { Entry, type Refusal } from "../../ui/entry.ts";
import { AccountField, FormMessage, LetterFields, Letters } from "../../ui/form.tsx";
import { CsrfField } from "../../ui/layout.tsx";
import { Rows } from "../../ui/rows.ts";
import { TableHead } from "../../ui/table_head.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { accountHref } from "./accounts_page.tsx";
import { AdminFrame, ListHead } from "./frame.tsx";

/** Permissions that a group can have. */
const GROUP_LETTERS = "rwcd";

/** Address of the page about a group. */
export function groupHref(name: string): string {
  return `/admin/groups/${encodeURIComponent(name)}`;
}

interface PageProps {
  readonly session: WebSession;
  /** Whether there are more than the page shows. */
  readonly more: boolean;
  readonly toast: string | undefined;
  /** A form of the page that was refused. */
  readonly refusal: Refusal | undefined;
}

/** The list of groups. */
export const GroupsPage: FC<PageProps & { groups: readonly GroupInfo[] }> = (
  { session, groups, more, toast, refusal },
) => {
  const entry = new Entry("/admin/groups", refusal);
  return (
    <AdminFrame
      session={session}
      tab="/admin/groups"
      title="Groups"
      toast={toast}
      address={refusal && "/admin/groups"}
    >
      <ListHead title="Groups" makes="New group" open={refusal !== undefined}>
        <form class="fields" method="post" action="/admin/groups">
          <CsrfField session={session} />
          <FormMessage entry={entry} />
          <AccountField entry={entry} name="name" label="Name" />
          <LetterFields
            entry={entry}
            id="may"
            legend="Permissions that its members have in addition"
            letters={GROUP_LETTERS}
            chosen=""
          />
          <button type="submit" class="primary">Create the group</button>
        </form>
      </ListHead>
      {groups.length === 0
        ? (
          <p class="muted">
            None. A group gives its members permissions and what is shared with it.
          </p>
        )
        : (
          <div class="card flush">
            <table class="cards">
              <TableHead of={["Name", "Permissions", { number: "Members" }]} />
              <tbody>
                <Rows
                  each={groups}
                  row={({ name, letters, members }) => (
                    <tr>
                      <th scope="row" data-head="Name">
                        <a href={groupHref(name)}>{name}</a>
                      </th>
                      <td data-head="Permissions" class="small">
                        <Letters letters={letters} />
                      </td>
                      <td data-head="Members" class="number">{members}</td>
                    </tr>
                  )}
                />
              </tbody>
            </table>
          </div>
        )}
      {more && <p class="muted">There are more: the API lists them all.</p>}
    </AdminFrame>
  );
};

/** One group, with all that can be done to it. */
export const GroupPage: FC<
  PageProps & { group: GroupInfo; members: readonly { account: string }[] }
> = ({ session, group: { name, letters }, members, more, toast, refusal }) => {
  const action = (what: string) => `${groupHref(name)}/${what}`;
  const entry = (what: string) => new Entry(action(what), refusal);
  return (
    <AdminFrame
      session={session}
      tab="/admin/groups"
      title={name}
      toast={toast}
      address={refusal && groupHref(name)}
    >
      <h1>{name}</h1>
      <p class="muted">Accounts share with it as @{name}.</p>
      <div class="columns">
        <section class="card" aria-labelledby="members">
          <h2 id="members">Members</h2>
          {members.length === 0 && <p class="muted">None.</p>}
          <FormMessage entry={entry("leave")} />
          <Rows
            each={members}
            row={({ account }) => (
              <div class="row ends line">
                <a href={accountHref(account)}>{account}</a>
                <form method="post" action={action("leave")}>
                  <CsrfField session={session} />
                  <input type="hidden" name="account" value={account} />
                  <button
                    type="submit"
                    class="quiet"
                    aria-label={`Take ${account} out of the group`}
                  >
                    Take out
                  </button>
                </form>
              </div>
            )}
          />
          {more && <p class="muted">There are more: the API lists them all.</p>}
          <form class="fields" method="post" action={action("join")}>
            <CsrfField session={session} />
            <FormMessage entry={entry("join")} />
            <AccountField entry={entry("join")} name="account" label="Account" />
            <button type="submit">Add the account</button>
          </form>
        </section>
        <div class="stack">
          <form class="card fields" method="post" action={action("letters")}>
            <h2>Permissions</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("letters")} />
            <LetterFields
              entry={entry("letters")}
              id="letters"
              legend="Permissions that its members have in addition"
              letters={GROUP_LETTERS}
              chosen={letters}
            />
            <button type="submit">Change the permissions</button>
          </form>
          <form class="card fields danger" method="post" action={action("remove")}>
            <h2>Remove the group</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("remove")} />
            <p class="small">
              Its members lose its permissions, and all that is shared with it ends.
            </p>
            <button type="submit" class="danger">Remove the group</button>
          </form>
        </div>
      </div>
    </AdminFrame>
  );
};
