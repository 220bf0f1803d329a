/** The page of the own account: what it may and holds, its password, its tokens. */
import type { FC } from "hono/jsx";
import type { TokenRecord } from "../../../storage/contract/books/token_book.ts";
import type { View } from "../../../storage/vault.ts";
import type { WebSessionRecord } from "../../../storage/contract/books/web_session_book.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import {
  FormMessage,
  LetterFields,
  Letters,
  SecretForm,
  TermField,
  TextField,
} from "../ui/form.tsx";
import { Icon } from "../ui/icons.tsx";
import { CsrfField, Layout } from "../ui/layout.tsx";
import { Quota } from "../ui/quota.tsx";
import { EndTime, Name, Time, TimeOr } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";
import { ShownOnce } from "../ui/shown_once.tsx";
import { TableHead } from "../ui/table_head.tsx";

/** Properties of the page. */
export interface AccountProps {
  readonly session: WebSession;
  readonly letters: string;
  readonly usage: Awaited<ReturnType<View["account"]["usage"]>>;
  readonly tokens: readonly TokenRecord[];
  readonly browsers: readonly WebSessionRecord[];
  readonly toast: string | undefined;
  /** A form of the page that was refused. */
  readonly refusal?: Refusal | undefined;
}

/** Forms that show their own messages. */
const FORMS = ["/account/password", "/account/tokens"];

/** Page of the own account. */
export const AccountPage: FC<AccountProps> = (props) => {
  const { session, letters, usage, toast, refusal } = props;
  const alert = FORMS.includes(refusal?.form ?? "") ? undefined : refusal;
  const address = refusal && "/account";
  return (
    <Layout title="Account" section="account" {...{ session, toast, alert, address }}>
      <h1>{session.account}</h1>
      <div class="columns">
        <div class="stack">
          <section class="card" aria-label="Facts">
            <dl class="facts">
              <dt>Permissions</dt>
              <dd>
                <Letters letters={letters} />
              </dd>
              <dt>Space</dt>
              <dd>
                <Quota usage={usage} />
              </dd>
            </dl>
          </section>
          <Tokens {...props} />
        </div>
        <div class="stack">
          <PasswordForm {...props} />
          <Browsers {...props} />
        </div>
      </div>
    </Layout>
  );
};

const PasswordForm: FC<AccountProps> = ({ session, refusal }) => {
  const entry = new Entry("/account/password", refusal);
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">
        <Icon name="lock" /> Password
      </h2>
      <SecretForm action="/account/password" entry={entry}>
        <CsrfField session={session} />
        <input type="hidden" name="username" value={session.account} autocomplete="username" />
        <FormMessage entry={entry} />
        <TextField
          entry={entry}
          id="old"
          name="old"
          label="Current password"
          type="password"
          autocomplete="current-password"
          required
        />
        <TextField
          entry={entry}
          id="new"
          name="new"
          label="New password"
          hint="8 bytes or more"
          type="password"
          autocomplete="new-password"
          minlength={8}
          required
        />
        <TextField
          entry={entry}
          id="again"
          name="again"
          label="New password again"
          type="password"
          autocomplete="new-password"
          required
        />
        <p class="muted small">Other sessions and all tokens of the account end with it.</p>
        <button type="submit" class="primary">Change the password</button>
      </SecretForm>
    </section>
  );
};

const Browsers: FC<AccountProps> = ({ session, browsers }) => (
  <section class="card" aria-labelledby="browsers">
    <h2 id="browsers">Signed in</h2>
    {browsers.map(({ id, address, agent, createdMs, lastUsedMs }) => (
      <div class="row ends line">
        <span>
          <strong>{agent || "A browser"}</strong>{" "}
          {id === session.id && <span class="badge on">this browser</span>}
          <br />
          <span class="muted small">
            from {address}, since <Time ms={createdMs} />, last used <Time ms={lastUsedMs} />
          </span>
        </span>
        {id !== session.id && (
          <form method="post" action="/account/browsers/end">
            <CsrfField session={session} />
            <input type="hidden" name="id" value={id} />
            <button
              type="submit"
              class="quiet"
              aria-label={`Sign out ${agent || "the browser"} at ${address}`}
            >
              Sign out
            </button>
          </form>
        )}
      </div>
    ))}
  </section>
);

const Tokens: FC<AccountProps> = ({ session, tokens, letters, refusal }) => (
  <section class="card" aria-labelledby="tokens">
    <h2 id="tokens">Tokens</h2>
    <p class="muted small">
      A token logs a script or a client in without the password, and may do less.
    </p>
    {tokens.length > 0 && (
      <table class="cards">
        <TableHead of={["Token", "Permissions", "Folder", "Last used", "Until"]} actions />
        <tbody>
          {tokens.map((token) => (
            <tr>
              <th scope="row" data-head="Token">
                {token.label === "" ? token.id.slice(0, 8) : <Name text={token.label} />}
              </th>
              <td data-head="Permissions">
                <Letters letters={token.letters} />
              </td>
              <td data-head="Folder">
                <Name text={token.path} />
              </td>
              <td data-head="Last used">
                <TimeOr ms={token.lastUsedMs} none="never" />
              </td>
              <td data-head="Until">
                <EndTime ms={token.expiresMs} />
              </td>
              <td>
                <form method="post" action="/account/tokens/revoke">
                  <CsrfField session={session} />
                  <input type="hidden" name="id" value={token.id} />
                  <button
                    type="submit"
                    class="quiet"
                    aria-label={`Revoke the token ${token.label || token.id.slice(0, 8)}`}
                  >
                    Revoke
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <NewToken {...{ session, letters }} entry={new Entry("/account/tokens", refusal)} />
  </section>
);

const NewToken: FC<{ session: WebSession; letters: string; entry: Entry }> = (
  { session, letters, entry },
) => (
  <details open={entry.refused}>
    <summary>Create a token</summary>
    <form class="fields" method="post" action="/account/tokens">
      <CsrfField session={session} />
      <FormMessage entry={entry} />
      <TextField
        entry={entry}
        id="label"
        name="label"
        label="Label"
        hint="Its purpose, shown in the list"
      />
      <LetterFields
        entry={entry}
        id="token-may"
        legend="Permissions"
        letters={letters}
        chosen={letters.replace("t", "")}
      />
      <div class="pair">
        <TextField
          entry={entry}
          id="token-path"
          name="path"
          label="Only in this folder"
          value="/"
          required
          spellcheck={false}
        />
        <TermField entry={entry} id="token-term" chosen={24 * 30} />
      </div>
      <button type="submit" class="primary">Create the token</button>
    </form>
  </details>
);

/** A token that has just been made: the one time that its secret is shown. */
export const MadeTokenPage: FC<{ session: WebSession; token: TokenRecord; secret: string }> = (
  { session, token, secret },
) => (
  <Layout title="The token" section="account" width="reading" {...{ session }} address="/account">
    <section class="card">
      <h1>The token was created</h1>
      <p>It is shown this once and kept nowhere: copy it now.</p>
      <ShownOnce text={secret} copy="Copy the token" done="/account" />
      <dl class="facts">
        <dt>Permissions</dt>
        <dd>
          <Letters letters={token.letters} /> in <Name text={token.path} />
        </dd>
        <dt>Until</dt>
        <dd>
          <EndTime ms={token.expiresMs} />
        </dd>
      </dl>
    </section>
  </Layout>
);
