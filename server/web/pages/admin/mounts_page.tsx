/** Mounts, as an administrator sees them. */
import type { FC } from "hono/jsx";
import { formatSize } from "../../../../common/size.ts";
import type { MountInfo } from "../../../../storage/people/mounts.ts";
import { Entry, type Refusal } from "../../ui/entry.ts";
import { FormMessage, LetterFields, Letters, TextField } from "../../ui/form.tsx";
import { CsrfField } from "../../ui/layout.tsx";
import { Rows } from "../../ui/rows.ts";
import { TableHead } from "../../ui/table_head.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { AdminFrame, ListHead } from "./frame.tsx";

/** Address of the page, and of the form for a new mount. */
export const MOUNTS = "/admin/mounts";
/** Address of the forms that end a mount. */
export const END_MOUNT = "/admin/mounts/end";

/** The list of mounts. */
export const MountsPage: FC<{
  readonly session: WebSession;
  readonly mounts: readonly MountInfo[];
  readonly toast: string | undefined;
  /** A form of the page that was refused. */
  readonly refusal: Refusal | undefined;
}> = ({ session, mounts, toast, refusal }) => {
  const entry = new Entry(MOUNTS, refusal);
  return (
    <AdminFrame
      session={session}
      tab={MOUNTS}
      title="Mounts"
      toast={toast}
      address={refusal && MOUNTS}
    >
      <ListHead title="Mounts" makes="New mount" open={entry.refused}>
        <form class="fields" method="post" action={MOUNTS}>
          <CsrfField session={session} />
          <FormMessage entry={entry} />
          <TextField
            entry={entry}
            id="name"
            name="name"
            label="Name at the top of the accounts' files"
            required
          />
          <TextField
            entry={entry}
            id="directory"
            name="directory"
            label="Directory on the server's machine"
            hint="Below a directory that the server's option --mount-root names"
            required
          />
          <TextField
            entry={entry}
            id="accounts"
            name="accounts"
            label="Accounts and @groups that see it"
            hint="Separated by commas; * is all"
            value="*"
          />
          <LetterFields
            entry={entry}
            id="may"
            legend="They may, where their accounts may"
            letters="rwcd"
            chosen="r"
          />
          <TextField
            entry={entry}
            id="quota"
            name="quota"
            label="Quota"
            hint="Such as 500M or 10G (1 K is 1,024 bytes); empty: no limit"
          />
          <button type="submit" class="primary">Mount the directory</button>
        </form>
      </ListHead>
      <FormMessage entry={new Entry(END_MOUNT, refusal)} />
      {mounts.length === 0
        ? <p class="muted">None. A mount shows a directory of the server's machine to accounts.</p>
        : (
          <div class="card flush">
            <table class="cards">
              <TableHead
                of={["Name", "Directory", "Accounts", "Permissions", { number: "Used" }, ""]}
              />
              <tbody>
                <Rows each={mounts} row={(mount) => mountRow(session, mount)} />
              </tbody>
            </table>
          </div>
        )}
    </AdminFrame>
  );
};

function mountRow(session: WebSession, mount: MountInfo) {
  const { name, directory, guests, letters, usedBytes, quotaBytes, isAway } = mount;
  const quota = quotaBytes === null ? "" : ` of ${formatSize(quotaBytes)}`;
  return (
    <tr>
      <th scope="row" data-head="Name" class="short">/{name}</th>
      <td data-head="Directory" class="small">
        {directory} {isAway && <strong>is not there</strong>}
      </td>
      <td data-head="Accounts" class="small">
        {guests.map((guest) => guest === "*" ? "every account" : guest).join(", ") || "none"}
      </td>
      <td data-head="Permissions" class="small">
        <Letters letters={letters} />
      </td>
      <td data-head="Used" class="number">{formatSize(usedBytes)}{quota}</td>
      <td>
        <form method="post" action={END_MOUNT}>
          <CsrfField session={session} />
          <input type="hidden" name="name" value={name} />
          <button type="submit" class="quiet" aria-label={`End the mount ${name}`}>End</button>
        </form>
      </td>
    </tr>
  );
}
