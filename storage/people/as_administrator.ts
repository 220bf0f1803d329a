import type { Access } from "../access/access.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { audited, type AuditEvent } from "../monitor/audit.ts";

/** An action as it is audited, before its result is known. */
export type Action = Omit<AuditEvent, "result">;

/** Most characters of a subject in the audit log. Names that no account can have fit into it. */
const MAX_SUBJECT = 64;

/** Cuts the subject of an action, so that a stranger's text does not fill the log. */
export function bounded(action: Action): Action {
  const { subject } = action;
  return subject === undefined ? action : { ...action, subject: subject.slice(0, MAX_SUBJECT) };
}

/**
 * Carries out an action of an administrator, and audits it.
 *
 * @throws {StoreError} `denied` without the permission `t`
 */
export function asAdministrator<T>(
  { audit }: VaultCore,
  access: Access,
  action: Action,
  run: () => Promise<T>,
): Promise<T> {
  return audited(audit, access.principal, bounded(action), async () => {
    await access.require("t");
    return await run();
  });
}
