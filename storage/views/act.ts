import type { Access } from "../access/access.ts";
import { asShown } from "../access/shares.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { type AuditAction, audited } from "../monitor/audit.ts";

/** What the actions of one session work with. */
export interface Session {
  readonly core: VaultCore;
  readonly access: Access;
}

/**
 * Runs an action of a session and writes its result to the audit log.
 *
 * @param paths what it is about, as the session wrote them
 * @param subject what else it is about: a guest, an upload's id
 * @throws {StoreError} that of the action, which names nothing that the session may not see
 */
export async function act<T>(
  session: Session,
  action: AuditAction,
  paths: readonly string[],
  run: () => Promise<T>,
  subject?: string,
): Promise<T> {
  const { core, access } = session;
  const event = subject === undefined ? { action, paths } : { action, paths, subject };
  return await audited(core.audit, access.principal, event, run)
    .catch((error) => {
      throw asShown(error, paths);
    });
}
