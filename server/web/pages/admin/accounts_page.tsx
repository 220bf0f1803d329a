/** Accounts, as an administrator sees them. */
import type { FC } from "hono/jsx";
import type { AccountInfo } from "../../../../storage/people/administration.ts";
import { ALL_LETTERS } from "../../../../storage/contract/permission.ts";
import { Entry, type Refusal } from "../../ui/entry.ts";
import {
  AccountField,
  Choice,
  FormMessage,
  LetterFields,
  Letters,
  SecretForm,
  TextField,
} from "../../ui/form.tsx";
import { exactSize, formatSize } from "../../../../common/size.ts";
import { withQuery } from "../../ui/href.ts";
import { CsrfField } from "../../ui/layout.tsx";
import { Quota } from "../../ui/quota.tsx";
import { Time, TimeOr } from "../../ui/text.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { AdminFrame, ListHead } from "./frame.tsx";
import { State, ValidityForm } from "./validity.tsx";
import { TableHead } from "../../ui/table_head.tsx";

/** Address of the page about an account. */
export function accountHref(name: string): string {
  return `/admin/accounts/${encodeURIComponent(name)}`;
}

/** The list of accounts. */
export const AccountsPage: FC<{
  session: WebSession;
  accounts: readonly AccountInfo[];
  /** Name after which the next page begins. */
  next: string | undefined;
  toast: string | undefined;
  /** The form for a new account, if it was refused. */
  refusal: Refusal | undefined;
}> = ({ session, accounts, next, toast, refusal }) => (
  <AdminFrame
    session={session}
    tab="/admin/accounts"
    title="Accounts"
    toast={toast}
    address={refusal && "/admin/accounts"}
  >
    <ListHead title="Accounts" makes="New account" open={refusal !== undefined}>
      <NewAccount session={session} entry={new Entry("/admin/accounts", refusal)} />
    </ListHead>
    <div class="card flush">
      <table class="cards">
        <TableHead
          of={[
            "Name",
            "Permissions",
            "State",
            { number: "Used" },
            { number: "Quota" },
            "Last login",
          ]}
        />
        <tbody>
          {accounts.map((account) => (
            <tr>
              <th scope="row" data-head="Name">
                <a href={accountHref(account.name)}>{account.name}</a>
              </th>
              <td data-head="Permissions" class="small">
                <Letters letters={account.letters} />
              </td>
              <td data-head="State">
                <State account={account} />
              </td>
              <td data-head="Used" class="number">
                {formatSize(account.usedBytes + account.reservedBytes)}
              </td>
              <td data-head="Quota" class="number">
                {account.quotaBytes === null ? "none" : formatSize(account.quotaBytes)}
              </td>
              <td data-head="Last login">
                <TimeOr ms={account.lastLoginMs} none="never" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {next !== undefined && (
      <a class="button" href={withQuery("/admin/accounts", { after: next })}>More</a>
    )}
  </AdminFrame>
);

const NewAccount: FC<{ session: WebSession; entry: Entry }> = ({ session, entry }) => (
  <SecretForm action="/admin/accounts" entry={entry}>
    <CsrfField session={session} />
    <FormMessage entry={entry} />
    <AccountField entry={entry} name="name" label="Name" />
    <PasswordField entry={entry} />
    <LetterFields
      entry={entry}
      id="may"
      legend="Permissions"
      letters={ALL_LETTERS}
      chosen="rwcd"
    />
    <QuotaField entry={entry} value="" empty="that of every new account" />
    <button type="submit" class="primary">Create the account</button>
  </SecretForm>
);

const PasswordField: FC<{ entry: Entry }> = ({ entry }) => (
  <TextField
    entry={entry}
    id="password"
    name="password"
    label="Password"
    hint="8 bytes or more; the account can change it"
    type="password"
    autocomplete="new-password"
    minlength={8}
    required
  />
);

const QuotaField: FC<{ entry: Entry; value: string; empty: string }> = (
  { entry, value, empty },
) => (
  <TextField
    entry={entry}
    id="quota"
    name="quota"
    label="Quota"
    hint={`Such as 500M or 10G (1 K is 1,024 bytes); empty: ${empty}`}
    value={value}
    autocomplete="off"
  />
);

/** One account, with all that can be done to it. */
export const AccountAdminPage: FC<{
  session: WebSession;
  account: AccountInfo;
  toast: string | undefined;
  /** A form of the page that was refused. */
  refusal: Refusal | undefined;
}> = ({ session, account, toast, refusal }) => {
  const { name, letters, quotaBytes, createdMs, lastLoginMs } = account;
  const action = (what: string) => `${accountHref(name)}/${what}`;
  const entry = (what: string) => new Entry(action(what), refusal);
  return (
    <AdminFrame
      session={session}
      tab="/admin/accounts"
      title={name}
      toast={toast}
      address={refusal && accountHref(name)}
    >
      <h1>{name}</h1>
      <div class="columns">
        <div class="stack">
          <section class="card" aria-label="Facts">
            <dl class="facts">
              <dt>Created</dt>
              <dd>
                <Time ms={createdMs} />
              </dd>
              <dt>Last login</dt>
              <dd>
                <TimeOr ms={lastLoginMs} none="never" />
              </dd>
              <dt>State</dt>
              <dd>
                <State account={account} />
              </dd>
              <dt>Groups</dt>
              <dd>{account.groups.map(({ name }) => name).join(", ") || "none"}</dd>
              <dt>Space</dt>
              <dd>
                <Quota usage={account} />
              </dd>
            </dl>
          </section>
          <form class="card fields" method="post" action={action("letters")}>
            <h2>Permissions</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("letters")} />
            <LetterFields
              entry={entry("letters")}
              id="letters"
              legend="The account may"
              letters={ALL_LETTERS}
              chosen={letters}
            />
            <button type="submit">Change the permissions</button>
          </form>
          <form class="card fields" method="post" action={action("quota")}>
            <h2>Quota</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("quota")} />
            <QuotaField
              entry={entry("quota")}
              value={quotaBytes === null ? "" : exactSize(quotaBytes)}
              empty="no limit"
            />
            <button type="submit">Change the quota</button>
          </form>
        </div>
        <div class="stack">
          <form class="card fields" method="post" action={action("password")}>
            <h2>New password</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("password")} />
            <PasswordField entry={entry("password")} />
            <p class="muted small">Its sessions and tokens end.</p>
            <button type="submit">Set the password</button>
          </form>
          <ValidityForm
            session={session}
            account={account}
            entry={entry("validity")}
            action={action("validity")}
          />
          <form class="card fields danger" method="post" action={action("remove")}>
            <h2>Remove the account</h2>
            <CsrfField session={session} />
            <FormMessage entry={entry("remove")} />
            <p class="small">
              Its sessions, tokens, shares and links end. Its name is free then; a later account of
              that name begins empty.
            </p>
            <Choice entry={entry("remove")} name="keep" checked>
              keep its files aside on the server
            </Choice>
            <TextField
              entry={entry("remove")}
              id="confirm"
              name="confirm"
              label={`Type ${name} to confirm`}
              required
              autocomplete="off"
              spellcheck={false}
            />
            <button type="submit" class="danger">Remove the account</button>
          </form>
        </div>
      </div>
    </AdminFrame>
  );
};
