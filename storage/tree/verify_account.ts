/** Verification for the operator: all metadata of an account against the disk. */
import { eachOf } from "../common/each_page.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import { note, nothingVerified, type Verification, verifyFile } from "./files.ts";
import { reasonOf } from "../../common/os_reason.ts";
import { childOf, type VirtualPath } from "../contract/path.ts";
import type { NamesPage } from "../contract/tree.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Names in one page. */
const PAGE_NAMES = 1000;

/** A problem that the operator has to solve, other than damage. */
export interface Finding {
  kind: "missing" | "not-a-file" | "unreadable" | "part";
  /** A path of the account, or the id of an unfinished upload. */
  filename: string;
  /** One clause for the operator; it may name places on disk. */
  reason: string;
}

/** Result of {@linkcode verifyAccount}. */
export interface AccountVerification extends Verification {
  findings: Finding[];
}

/** Reads every byte of an account's files again, ignoring permissions. */
export async function verifyAccount(core: VaultCore, owner: string): Promise<AccountVerification> {
  const result: AccountVerification = { ...nothingVerified(), findings: [] };
  const directories: VirtualPath[] = ["/"];
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    const directory = at;
    try {
      let page: NamesPage | undefined;
      do {
        page = await core.tree.names(owner, directory, { after: page, limit: PAGE_NAMES });
        for (const name of page.directories) directories.push(childOf(directory, name));
        for (const other of page.others ?? []) {
          note(result, childOf(directory, other.name), `It is a ${other.kind}`);
        }
        for (const name of page.files) {
          const path = childOf(directory, name);
          await verifyFile(core, owner, path, path, result).catch(goOn(path, result));
        }
      } while (page.more);
    } catch (error) {
      goOn(directory, result)(error);
    }
  }
  const unreadable = new Map(
    result.findings.filter(({ kind }) => kind === "unreadable").map((one) => [one.filename, one]),
  );
  for await (const { path, instead } of core.engine.lostFiles(owner)) {
    // A file whose content is missing could not be read either.
    const same = unreadable.get(path);
    if (same !== undefined) result.findings.splice(result.findings.indexOf(same), 1);
    result.findings.push(
      instead === undefined
        ? { kind: "missing", filename: path, reason: "the catalog knows it, and it is not there" }
        : { kind: "not-a-file", filename: path, reason: `a ${named(instead)} is in its place` },
    );
  }
  await verifyParts(core, owner, result);
  return result;
}

function named(instead: "directory" | "other"): string {
  return instead === "directory" ? "directory" : "link or special file";
}

async function verifyParts(
  { parts }: VaultCore,
  owner: string,
  { findings }: AccountVerification,
): Promise<void> {
  for await (const record of eachOf<UploadRecord>((page) => parts.list({ by: "all" }, page))) {
    if (record.owner !== owner || record.holder !== null) continue;
    const found = (reason: string) =>
      findings.push({ kind: "part", filename: record.id, reason: `${record.path}: ${reason}` });
    try {
      const state = await parts.state(record);
      if (state === "gone") found("the upload's content is not there");
      if (state === "short") found(`less than its ${record.offsetBytes} safe bytes are there`);
    } catch (error) {
      found(reasonOf(error));
    }
  }
}

/** Notes what could not be read; what was removed or replaced meanwhile is passed over. */
function goOn(filename: VirtualPath, result: AccountVerification): (error: unknown) => void {
  return (error) => {
    if (isStoreError(error, "not-found", "is-directory", "not-directory")) return;
    if (isStoreError(error, "bad-name", "denied")) {
      note(result, filename, error);
    } else if (error instanceof StoreError && !isStoreError(error, "busy", "aborted")) {
      result.findings.push({ kind: "unreadable", filename, reason: reasonOf(error) });
    } else {
      throw error;
    }
  };
}
