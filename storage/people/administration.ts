/** Actions of an administrator (permission t) in a session. */
import type { Access } from "../access/access.ts";
import {
  accountExists,
  changeValidity,
  createAccount,
  type NewAccount,
  noSuchAccount,
  removeAccount,
  replaceLetters,
} from "./account_changes.ts";
import { type Action, asAdministrator, bounded } from "./as_administrator.ts";
import { actorOf, type AuditAction, audited } from "../monitor/audit.ts";
import type { Account, Usage, Validity } from "../contract/catalog.ts";
import { eachOf } from "../common/each_page.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import { StoreError } from "../contract/error.ts";
import { VOID, voidReason } from "../contract/validity.ts";
import {
  dropUpload,
  noSuchTransfer,
  unfinished,
  type UnfinishedUpload,
} from "../transfer/resumes.ts";
import type { SessionInfo } from "../monitor/sessions.ts";
import { Pace } from "../common/slices.ts";
import type { SetAside } from "../contract/engine.ts";
import { freeUnshared } from "../transfer/guest_uploads.ts";
import { assertClock, removeExpired } from "./expiry.ts";
import { findingsOf, type OperatorFindings } from "../tree/operator_findings.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Accounts read at once. */
const PAGE = 250;

/** An account with what it holds. */
export type AccountInfo = Account & Usage;

/** Totals of the server's accounts, files and uploads. */
export interface Totals {
  accounts: number;
  /** Bytes of all files, and bytes reserved by uploads and content kept aside. */
  usedBytes: number;
  reservedBytes: number;
  /** Number of unfinished uploads, and bytes received of them. */
  uploads: number;
  receivedBytes: number;
  /** Bytes of the catalog itself. */
  catalogBytes: number;
}

/** Ends a session; its upload is kept. @throws {StoreError} `not-found` */
export async function endSession({ presence }: VaultCore, sessionId: string): Promise<void> {
  const ended = await presence.end({ sessionId }, "An administrator ended it");
  if (ended > 0) return;
  const silent = await presence.silentNodes();
  const perhaps = silent.length === 0
    ? ""
    : `; if ${silent.join(" or ")}, which does not answer, has it, it ends as soon as it answers`;
  throw new StoreError("not-found", `There is no such session${perhaps}`);
}

/** Drops an unfinished upload of any account. @throws {StoreError} `transfer-not-found` */
export async function dropKnown(core: VaultCore, id: string): Promise<void> {
  if (await core.parts.get(id) === undefined) throw noSuchTransfer();
  await dropUpload(core, id, "An administrator dropped the upload");
}

/** Actions of an administrator; each requires the permission `t` and checks it first. */
export class Administration {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /**
   * Throws `denied` unless the principal may administer, and reports the attempt to the audit log.
   */
  async require(action: AuditAction, subject?: string): Promise<void> {
    const { audit } = this.core;
    const event = bounded({ action, ...(subject === undefined ? {} : { subject }) });
    await this.access.require("t").catch((error) =>
      audited(audit, this.access.principal, event, () => Promise.reject(error))
    );
  }

  /** Accounts by name, those after `after`; read page by page. */
  users(after = ""): Promise<AsyncIterable<AccountInfo>> {
    return this.#does({ action: "users" }, () => Promise.resolve(this.#users(after)));
  }

  async *#users(after: string): AsyncGenerator<AccountInfo> {
    const { catalog } = this.core;
    const pace = new Pace();
    while (true) {
      const accounts = await catalog.accounts({ after, count: PAGE });
      for (const account of accounts) yield { ...account, ...await catalog.usage(account.name) };
      if (accounts.length < PAGE) return;
      after = accounts.at(-1)!.name;
      await pace.turn();
    }
  }

  /** One account. @throws {StoreError} `not-found` */
  user(name: string): Promise<AccountInfo> {
    return this.#does({ action: "users" }, async () => {
      const { catalog } = this.core;
      const account = await catalog.account(name);
      if (account === undefined) throw noSuchAccount(name);
      return { ...account, ...await catalog.usage(name) };
    });
  }

  /** Throws `exists` where a name is taken: asked before a password is hashed for nothing. */
  async assertFree(name: string): Promise<void> {
    await this.access.require("t");
    if (await this.core.catalog.account(name)) throw accountExists(name);
  }

  /** Throws `not-found` where there is no such account, as {@linkcode assertFree}. */
  async assertThere(name: string): Promise<void> {
    await this.access.require("t");
    if (!await this.core.catalog.account(name)) throw noSuchAccount(name);
  }

  /** Makes an account. @throws {StoreError} `exists` */
  addAccount(account: NewAccount): Promise<void> {
    const { name: subject, letters: value } = account;
    return this.#does(
      { action: "account", subject, ...(value === undefined ? {} : { value }) },
      () => createAccount(this.core.engine, account),
    );
  }

  /** Removes an account: its sessions, transfers and tokens end first. */
  removeAccount(name: string, options: { keepFiles: boolean }): Promise<void> {
    return this.#does(
      { action: "remove-account", subject: name },
      () =>
        removeAccount(this.core.engine, name, {
          ...options,
          retired: async () => {
            await this.core.presence.end({ account: name }, "The account was removed");
            await this.core.presence.recheck(name);
          },
        }),
    );
  }

  /** Replaces permissions; open sessions follow at once. @returns letters in canonical order */
  setLetters(name: string, letters: string): Promise<string> {
    return this.#does({ action: "letters", subject: name, value: letters }, async () => {
      const canonical = await replaceLetters(this.core.catalog, name, letters);
      await this.core.presence.recheck(name);
      await freeUnshared(this.core, name); // what the owner lost, its shares do not allow
      return canonical;
    });
  }

  /**
   * Disables or enables an account, or sets when it expires. Its sessions end at once if it may not
   * be used then; its files, shares and tokens stay.
   *
   * @returns how it is then
   * @throws {StoreError} `not-found`, `denied` for the last administrator
   */
  setValidity(name: string, change: Partial<Validity>): Promise<Validity> {
    const { disabled, expiresMs } = change;
    const action = disabled === undefined ? "expiry" : disabled ? "disable" : "enable";
    const value = expiresMs === undefined ? {} : { value: expiresMs };
    return this.#does({ action, subject: name, ...value }, async () => {
      const { catalog, presence } = this.core;
      const now = await changeValidity(catalog, name, change);
      const reason = voidReason(now);
      if (reason !== undefined) {
        await presence.end({ account: name }, `The account ${VOID[reason]}`);
      }
      await presence.recheck(name); // all workers know it then, also that it may be used again
      return now;
    });
  }

  /** Sets the most bytes an account may hold; null: no limit. */
  setQuota(name: string, quotaBytes: number | null): Promise<void> {
    return this.#does({ action: "quota", subject: name, value: quotaBytes }, async () => {
      if (!await this.core.catalog.updateAccount(name, { quotaBytes })) throw noSuchAccount(name);
    });
  }

  /** Gives an account another password: its sessions and tokens end, but for this session. */
  setPassword(name: string, passwordHash: string): Promise<void> {
    return this.#does({ action: "reset-password", subject: name }, async () => {
      const { account, sessionId } = this.access.principal;
      // Else this would be the way in which a token becomes the whole account.
      if (name === account) this.access.requirePassword();
      const generation = await this.core.catalog.setPassword(name, passwordHash);
      if (generation === undefined) throw noSuchAccount(name);
      if (name === account) this.access.renew(generation);
      const reason = "The account's password was changed";
      await this.core.presence.end({ account: name, except: sessionId }, reason);
    });
  }

  /** Lists the sessions of all doors (protocols) and workers. */
  who(): Promise<SessionInfo[]> {
    return this.#does({ action: "sessions" }, () => this.core.presence.who());
  }

  /** Ends a session; its upload is kept. @throws {StoreError} `not-found` */
  kick(sessionId: string): Promise<void> {
    return this.#does({ action: "kick", subject: sessionId }, async () => {
      await endSession(this.core, sessionId);
    });
  }

  /**
   * Unfinished uploads of all accounts, latest touched first.
   *
   * @param count maximum number. @default all
   */
  uploads(count = Infinity): Promise<UnfinishedUpload[]> {
    return this.#does({ action: "uploads" }, async () => {
      const { parts } = this.core;
      const found: UnfinishedUpload[] = [];
      for await (const record of eachOf<UploadRecord>((page) => parts.list({ by: "all" }, page))) {
        if (found.length === count) break;
        found.push(unfinished(this.core, record));
      }
      return found;
    });
  }

  /** Drops an unfinished upload with what was received. @throws {StoreError} `transfer-not-found` */
  dropUpload(id: string): Promise<void> {
    return this.#does({ action: "drop-upload", subject: id }, () => dropKnown(this.core, id));
  }

  /**
   * Removes unfinished uploads past their time.
   *
   * @param partTtlMs how long they are kept, ms. @default the server's own time
   * @returns their ids
   * @throws {StoreError} `busy` while the machine's clock is not to be trusted
   */
  expireUploads(partTtlMs?: number): Promise<string[]> {
    return this.#does({ action: "expire-uploads" }, () => {
      assertClock();
      return removeExpired(this.core, partTtlMs);
    });
  }

  /** Content of no known upload, which is kept for the operator until it expires. */
  setAside(): Promise<SetAside[]> {
    return this.#does(
      { action: "uploads" },
      () => Array.fromAsync(this.core.engine.setAside()),
    );
  }

  /**
   * Reads every byte of an account's files again, ignoring permissions.
   *
   * @param forgetMissing accepts that files are lost: they no longer count
   * @throws {StoreError} `not-found` where there is no such account
   */
  verify(name: string, { forgetMissing }: { forgetMissing: boolean }): Promise<OperatorFindings> {
    return this.#does({ action: "verify", subject: name }, async () => {
      if (await this.core.catalog.account(name) === undefined) throw noSuchAccount(name);
      return await findingsOf(this.core, name, forgetMissing, (path, bytes) => {
        const event = { action: "forget-file", subject: name, paths: [path], bytes } as const;
        this.core.audit.write(actorOf(this.access.principal), { ...event, result: "ok" });
      });
    });
  }

  /** Sums accounts, files and uploads. */
  totals(): Promise<Totals> {
    return this.#does({ action: "users" }, async () => {
      const { catalog, parts } = this.core;
      const { uploads, offsetBytes: receivedBytes } = await parts.totals();
      const catalogBytes = await catalog.sizeBytes();
      return { ...await catalog.accountTotals(), uploads, receivedBytes, catalogBytes };
    });
  }

  #does<T>(action: Action, run: () => Promise<T>): Promise<T> {
    return asAdministrator(this.core, this.access, action, run);
  }
}
