/** Whether and how long an account may be used. */
import type { FC } from "hono/jsx";
import type { Validity } from "../../../../storage/contract/catalog.ts";
import { voidReason } from "../../../../storage/contract/validity.ts";
import { formatTime } from "../../../../common/time.ts";
import type { WebSession } from "../../request/web_session.ts";
import type { Entry } from "../../ui/entry.ts";
import { Choice, FormMessage, TextField } from "../../ui/form.tsx";
import { CsrfField } from "../../ui/layout.tsx";
import { Until } from "../../ui/text.tsx";

/** The state of an account in a few words. */
export const State: FC<{ account: Validity }> = ({ account }) => {
  const reason = voidReason(account);
  return (
    <>
      {reason ?? "enabled"}
      {reason === undefined && <Until ms={account.expiresMs} />}
    </>
  );
};

/** The form that disables and enables an account, and sets when it expires. */
export const ValidityForm: FC<{
  session: WebSession;
  account: Validity;
  entry: Entry;
  action: string;
}> = ({ session, account: { disabled, expiresMs }, entry, action }) => (
  <form class="card fields" method="post" action={action}>
    <h2>Disable or expire</h2>
    <CsrfField session={session} />
    <FormMessage entry={entry} />
    <Choice entry={entry} name="disabled" checked={disabled}>
      the account is disabled
    </Choice>
    <TextField
      entry={entry}
      id="expires"
      name="expires"
      label="Expires"
      hint="A date such as 2027-01-31 (UTC), or 30d from now; empty: never"
      value={expiresMs === null ? "" : formatTime(expiresMs)}
      autocomplete="off"
    />
    <p class="muted small">
      Its sessions end, and its links stop. Its files, shares and tokens stay.
    </p>
    <button type="submit">Change the state</button>
  </form>
);
