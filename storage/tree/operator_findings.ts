/** Verification of an account for the operator, who may accept that files are lost. */
import { report } from "../common/reports.ts";
import { isMountOwner } from "../contract/mount.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { type AccountVerification, type Finding, verifyAccount } from "./verify_account.ts";

/** A lost file that the operator accepted as lost. */
export interface ForgottenFile {
  filename: VirtualPath;
  /** Bytes that it had. */
  size: number;
}

/** Result of a verification; `findings` are without the files that were forgotten. */
export interface OperatorFindings extends AccountVerification {
  forgotten: ForgottenFile[];
}

/**
 * Verifies an account.
 *
 * @param forgets accepts that files are lost, and frees their bytes in the quota
 * @param onForgotten called for each of them
 */
export async function findingsOf(
  core: VaultCore,
  owner: string,
  forgets: boolean,
  onForgotten: (path: VirtualPath, bytes: number) => void,
): Promise<OperatorFindings> {
  const verified = await verifyAccount(core, owner);
  const { files, bytes, damagedFiles: damaged, findings: { length: found } } = verified;
  const level = damaged + found === 0 ? "info" : "warning";
  const fields = { event: "verify", subject: owner, files, bytes, damaged, findings: found };
  report(level, "database", "The files of an account were verified", fields);
  // Files in a mount are other programs' to remove: their records go.
  if (!forgets && !isMountOwner(owner)) return { ...verified, forgotten: [] };
  const findings: Finding[] = [];
  const forgotten: ForgottenFile[] = [];
  for (const finding of verified.findings) {
    const { kind, filename } = finding;
    const lost = kind === "missing" || kind === "not-a-file";
    const record = lost ? await core.engine.forgetLost(owner, filename) : undefined;
    if (record === undefined) findings.push(finding);
    else {
      forgotten.push({ filename, size: record.size });
      onForgotten(filename, record.size);
    }
  }
  return { ...verified, findings, forgotten };
}
