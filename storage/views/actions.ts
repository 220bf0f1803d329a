import type { Access } from "../access/access.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { type AuditAction, audited, type AuditEvent } from "../monitor/audit.ts";

/** A group of actions of one session; each is written to the audit log. */
export abstract class Actions {
  constructor(protected readonly core: VaultCore, protected readonly access: Access) {}

  /**
   * Runs an action and writes its result to the audit log.
   *
   * @param paths its objects, as the session wrote them
   * @param subject another object: a guest, an upload's id
   * @param value the new value: the permissions of a share
   * @throws {StoreError} that of the action, which names nothing that the session may not see
   */
  protected act<T>(
    action: AuditAction,
    paths: readonly string[],
    run: () => Promise<T>,
    subject?: string,
    value?: string,
  ): Promise<T> {
    // Without spreads, as every small file passes here.
    const event: Omit<AuditEvent, "result"> = { action, paths };
    if (subject !== undefined) event.subject = subject;
    if (value !== undefined) event.value = value;
    const { access, core } = this;
    const shown = (error: unknown, paths: readonly string[]) => access.asShown(error, paths);
    return audited(core.audit, access.principal, event, run, shown);
  }
}
