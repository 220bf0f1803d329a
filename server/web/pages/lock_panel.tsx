/** Locking of one file or directory. */
import type { FC } from "hono/jsx";
import { isWithin, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { Entry, type Refusal } from "../ui/entry.ts";
import { Field, TextField } from "../ui/form.tsx";
import { Icon } from "../ui/icons.tsx";
import { CsrfField } from "../ui/layout.tsx";
import { Time } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";

/** Times that a page offers, in minutes. */
export const LOCK_MINUTES = [
  [15, "15 minutes"],
  [60, "1 hour"],
  [480, "8 hours"],
  [1440, "24 hours"],
] as const;

interface PanelProps {
  readonly session: WebSession;
  readonly path: VirtualPath;
  readonly info: FileInfo;
  /** Permissions of the session, and those that it has at the path now. */
  readonly letters: string;
  readonly allowed: string;
  readonly refusal: Refusal | undefined;
}

/** Forms that lock a file or directory, and end its lock. */
export const LockPanel: FC<PanelProps> = (props) => {
  const { session, path, info: { lock }, letters, allowed } = props;
  const mine = lock?.by === session.account;
  const breaks = lock !== undefined && !mine &&
    (letters.includes("t") || (!isWithin(path, "/shared") && letters.includes("w")));
  if (path === "/" || (lock === undefined && !allowed.includes("w"))) return null;
  return (
    <section class="card" aria-labelledby="locking">
      <h2 id="locking">
        <Icon name="lock" /> Lock
      </h2>
      {lock === undefined ? <p class="muted">Not locked.</p> : (
        <p>
          Locked by <strong>{mine ? "you" : lock.by}</strong> until <Time ms={lock.untilMs} zone />
        </p>
      )}
      {(mine || breaks) && <Unlock {...props} force={breaks} />}
      {(lock === undefined || mine) && <Lock {...props} again={mine} />}
    </section>
  );
};

const Unlock: FC<PanelProps & { force: boolean }> = ({ session, path, force }) => (
  <form method="post" action="/actions/unlock">
    <CsrfField session={session} />
    <input type="hidden" name="path" value={path} />
    {force && <input type="hidden" name="force" value="yes" />}
    <button type="submit">{force ? "Break the lock" : "Unlock"}</button>
  </form>
);

const Lock: FC<PanelProps & { again: boolean }> = ({ session, path, again, refusal }) => {
  const entry = new Entry("/actions/lock", refusal);
  return (
    <details open={entry.refused}>
      <summary>{again ? "Prolong it" : "Lock it, so that only you change it"}</summary>
      <form method="post" action="/actions/lock" class="stack">
        <CsrfField session={session} />
        <input type="hidden" name="path" value={path} />
        <Field id="lock-minutes" label="For" wrong={entry.wrong("minutes")}>
          <select id="lock-minutes" name="minutes">
            {LOCK_MINUTES.map(([minutes, text]) => <option value={String(minutes)}>{text}</option>)}
          </select>
        </Field>
        <TextField
          id="lock-note"
          name="note"
          label="Note for others (optional)"
          entry={entry}
          maxlength={200}
        />
        <button type="submit">{again ? "Prolong" : "Lock"}</button>
      </form>
    </details>
  );
};
