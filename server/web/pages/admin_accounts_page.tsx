/** Accounts, as an administrator sees them. */
import type { FC } from "hono/jsx";
import type { AccountInfo } from "../../../storage/people/administration.ts";
import { ALL_LETTERS } from "../../../storage/contract/permission.ts";
import { Field, LetterFields, Letters } from "../ui/form.tsx";
import { exactSize, formatSize } from "../../../common/size.ts";
import { withQuery } from "../ui/href.ts";
import { Icon } from "../ui/icons.tsx";
import { CsrfField } from "../ui/layout.tsx";
import { Quota } from "../ui/quota.tsx";
import { Time } from "../ui/text.tsx";
import type { WebSession } from "../web_session.ts";
import { AdminFrame } from "./admin_frame.tsx";

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
}> = ({ session, accounts, next, toast }) => (
  <AdminFrame session={session} tab="/admin/accounts" title="Accounts" toast={toast}>
    <div class="row ends">
      <h1>Accounts</h1>
      <details class="drop">
        <summary class="button primary">
          <Icon name="plus" /> New account
        </summary>
        <div>
          <NewAccount session={session} />
        </div>
      </details>
    </div>
    <div class="card flush">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col" class="number">Used</th>
            <th scope="col" class="number">Quota</th>
            <th scope="col">Last login</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <tr>
              <th scope="row" data-head="Name">
                <a href={accountHref(account.name)}>{account.name}</a>
              </th>
              <td data-head="May" class="small">
                <Letters letters={account.letters} />
              </td>
              <td data-head="Used" class="number">
                {formatSize(account.usedBytes + account.reservedBytes)}
              </td>
              <td data-head="Quota" class="number">
                {account.quotaBytes === null ? "none" : formatSize(account.quotaBytes)}
              </td>
              <td data-head="Last login">
                {account.lastLoginMs === null ? "never" : <Time ms={account.lastLoginMs} />}
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

const NewAccount: FC<{ session: WebSession }> = ({ session }) => (
  <form class="fields" method="post" action="/admin/accounts">
    <CsrfField session={session} />
    <Field id="name" label="Name">
      <input
        id="name"
        name="name"
        required
        maxlength={64}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
    </Field>
    <PasswordField />
    <LetterFields legend="It may" letters={ALL_LETTERS} chosen="rwcd" />
    <QuotaField value="" empty="that of every new account" />
    <button type="submit" class="primary">Make the account</button>
  </form>
);

const PasswordField: FC = () => (
  <Field id="password" label="Password" hint="8 bytes or more; the account can change it">
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="new-password"
      minlength={8}
      required
      aria-describedby="password-hint"
    />
  </Field>
);

const QuotaField: FC<{ value: string; empty: string }> = ({ value, empty }) => (
  <Field id="quota" label="Quota" hint={`Such as 500M or 10G; empty: ${empty}`}>
    <input id="quota" name="quota" value={value} autocomplete="off" aria-describedby="quota-hint" />
  </Field>
);

/** One account, with all that can be done to it. */
export const AccountAdminPage: FC<{
  session: WebSession;
  account: AccountInfo;
  toast: string | undefined;
}> = ({ session, account, toast }) => {
  const { name, letters, quotaBytes, createdMs, lastLoginMs } = account;
  const action = (what: string) => `${accountHref(name)}/${what}`;
  return (
    <AdminFrame session={session} tab="/admin/accounts" title={name} toast={toast}>
      <h1>{name}</h1>
      <div class="columns">
        <div class="stack">
          <section class="card" aria-label="Facts">
            <dl class="facts">
              <dt>Made</dt>
              <dd>
                <Time ms={createdMs} />
              </dd>
              <dt>Last login</dt>
              <dd>{lastLoginMs === null ? "never" : <Time ms={lastLoginMs} />}</dd>
              <dt>Space</dt>
              <dd>
                <Quota usage={account} />
              </dd>
            </dl>
          </section>
          <form class="card fields" method="post" action={action("letters")}>
            <h2>Permissions</h2>
            <CsrfField session={session} />
            <LetterFields legend="The account may" letters={ALL_LETTERS} chosen={letters} />
            <button type="submit">Change the permissions</button>
          </form>
          <form class="card fields" method="post" action={action("quota")}>
            <h2>Quota</h2>
            <CsrfField session={session} />
            <QuotaField
              value={quotaBytes === null ? "" : exactSize(quotaBytes)}
              empty="no limit"
            />
            <button type="submit">Change the quota</button>
          </form>
        </div>
        <div class="stack">
          <form class="card fields" method="post" action={action("password")}>
            <h2>Another password</h2>
            <CsrfField session={session} />
            <PasswordField />
            <p class="muted small">Its sessions and tokens end.</p>
            <button type="submit">Set the password</button>
          </form>
          <form class="card fields danger" method="post" action={action("remove")}>
            <h2>Remove the account</h2>
            <CsrfField session={session} />
            <p class="small">
              Its sessions, tokens, shares and links end. Its name is free then; a later account of
              that name begins empty.
            </p>
            <label class="choice">
              <input type="checkbox" name="keep" value="yes" checked />{" "}
              keep its files aside on the server
            </label>
            <Field id="confirm" label={`Type ${name} to confirm`}>
              <input id="confirm" name="confirm" required autocomplete="off" spellcheck={false} />
            </Field>
            <button type="submit" class="danger">Remove the account</button>
          </form>
        </div>
      </div>
    </AdminFrame>
  );
};
