import { Access } from "./access/access.ts";
import { createAccount, type NewAccount } from "./people/accounts.ts";
import { type AuditActor, type AuditResult, resultOf } from "./monitor/audit.ts";
import type { Catalog } from "./contract/catalog.ts";
import { withAccountClaim } from "./core/claim.ts";
import { clock } from "./contract/clock.ts";
import type { Counters, Counts } from "./monitor/counters.ts";
import type { DiskState } from "./space/disk_space.ts";
import { figures } from "./figures.ts";
import { type AccountVerification, verifyAccount } from "./tree/verify_account.ts";
import { dropGoneParts } from "./commit/gone_parts.ts";
import { freeUnshared } from "./transfer/guest_uploads.ts";
import type { Principal } from "./contract/principal.ts";
import { expireAside } from "./space/aside.ts";
import { expireUploads, recover, type RecoveryProgress, type RecoveryReport } from "./recover.ts";
import { type LinkVisit, openLink, type Visitor } from "./people/link_visit.ts";
import type { OnEnd, SessionInfo } from "./monitor/sessions.ts";
import { nextSlice } from "./common/slices.ts";
import type { Store } from "./contract/store.ts";
import { VaultCore, type VaultOptions } from "./core/vault_core.ts";
import type { UploadNoteBook } from "./contract/books/upload_note_book.ts";
import { openToken } from "./people/tokens.ts";
import { View } from "./view.ts";
import { WebSessions } from "./people/web_sessions.ts";

export type { LinkVisit, View };

/** How long it is remembered what an upload became. */
const NOTE_MS = 15 * 60_000;
/** Announced bytes of an upload of which so long nothing came hold no quota. */
const SILENT_MS = 2 * 60_000;
/** Uploads whose reservations shrink in one transaction. */
const UPLOADS_AT_ONCE = 500;

/**
 * The one way in to what is kept. A door enters with a principal and gets a view in which every
 * rule already holds: letters, quota, versions, locks.
 */
export class Vault {
  /** What browsers' cookies stand for. */
  readonly webSessions: WebSessions;
  /** What clients of resumable uploads said about them, and what these became. */
  readonly uploadNotes: UploadNoteBook;
  readonly #core: VaultCore;

  private constructor(core: VaultCore, readonly recovery: RecoveryReport | undefined) {
    this.#core = core;
    this.webSessions = new WebSessions(core.catalog);
    this.uploadNotes = core.catalog.uploadNotes;
  }

  /**
   * Opens a vault.
   *
   * @param parts `recover`: true where nothing else has store and catalog open; false where another
   * process or worker has done it since the start; or the ids of workers that have ended, of which
   * alone what they had begun is settled
   */
  static async open(
    parts: {
      store: Store;
      catalog: Catalog;
      recover?: boolean | { holders: readonly string[] };
      progress?: RecoveryProgress;
    } & VaultOptions,
  ): Promise<Vault> {
    const { store, catalog, recover: recovering = true, progress, ...options } = parts;
    const { step } = options;
    const holders = typeof recovering === "object" ? { holders: recovering.holders } : {};
    const of = { step, progress, ...holders };
    const report = recovering ? await recover(store, catalog, of) : undefined;
    return new Vault(new VaultCore(store, catalog, options), report);
  }

  /** Names this worker's start in the catalog: see `recover` in {@linkcode Vault.open}. */
  get holder(): string {
    return this.#core.holder;
  }

  /**
   * Settles what workers that have ended had begun, while this one and others run.
   *
   * @param holders their ids
   */
  recoverWorkers(holders: readonly string[]): Promise<RecoveryReport> {
    const { store, catalog, options: { step } } = this.#core;
    return recover(store, catalog, { holders, step });
  }

  /** The account and the narrowing that a token's secret stands for; undefined: it is not valid. */
  openToken(secret: string): ReturnType<typeof openToken> {
    return openToken(this.#core.catalog, secret);
  }

  /** Resolves once the catalog has answered a question. @throws {StoreError} where it does not */
  async check(): Promise<void> {
    await this.#core.catalog.account("-"); // no account has this name
  }

  /** Counts what happens in this worker. */
  get counters(): Counters {
    return this.#core.counters;
  }

  /** How the disk is doing; undefined where that cannot be measured. */
  get disk(): DiskState | undefined {
    return this.#core.space.state();
  }

  /** How the server is doing, over all workers; not for everyone's eyes. */
  figures(): Promise<Counts> {
    return figures(this.#core);
  }

  /**
   * What a principal sees and may do.
   *
   * @param onEnd set: administrators see the session, and it is told when it is to end; it calls
   * `leave()` when it ends by itself. One that enters anew under the same id takes its own place.
   */
  enter(principal: Principal, onEnd?: OnEnd): View {
    if (onEnd) this.#core.presence.enter(principal, onEnd);
    return new View(this.#core, new Access(principal, this.#core.catalog));
  }

  /**
   * What a visitor sees by a public link.
   *
   * @param pass what an earlier visit was given for the link's password
   * @throws {StoreError} `not-found` where the secret opens nothing, or nothing any more
   */
  visit(secret: string, visitor: Visitor, pass?: string): Promise<LinkVisit> {
    return openLink(this.#core, secret, visitor, pass);
  }

  /** Makes an account for a stranger. @throws {StoreError} `exists` */
  async register(account: NewAccount, actor: AuditActor): Promise<void> {
    const tell = (result: AuditResult) =>
      this.#core.audit.write(actor, { action: "register", subject: account.name, result });
    try {
      await withAccountClaim(
        this.#core,
        account.name,
        () => createAccount(this.#core, account),
      );
      tell("ok");
    } catch (error) {
      tell(resultOf(error));
      throw error;
    }
  }

  /** Reads every byte of an account's files again, whatever it may do itself: for the operator. */
  verifyAccount(name: string): Promise<AccountVerification> {
    return verifyAccount(this.#core, name);
  }

  /**
   * Removes unfinished uploads and all that permissions gave for a time, where that is over; nothing
   * while the machine's clock is not to be trusted.
   *
   * @returns ids of uploads
   */
  async expireUploads(): Promise<string[]> {
    const nowMs = clock.removal();
    if (nowMs === undefined) return [];
    const { store, catalog } = this.#core;
    await catalog.redate(nowMs);
    await catalog.tokens.removeExpired(nowMs);
    await catalog.shares.removeExpired(nowMs);
    await catalog.links.removeExpired(nowMs);
    await this.webSessions.removeExpired(nowMs);
    await catalog.uploadNotes.removeOld(nowMs - NOTE_MS);
    await freeUnshared(this.#core);
    const before = nowMs - this.#core.partTtlMs;
    const aside = await expireAside(store, catalog, before);
    return (await expireUploads(this.#core, before)).concat(aside);
  }

  /** Frees the quota that announced bytes hold while none come, and that parts hold that are gone. */
  async shrinkReservations(): Promise<void> {
    await dropGoneParts(this.#core);
    const before = clock.steady() - SILENT_MS;
    while (await this.#core.catalog.shrinkReservations(before, UPLOADS_AT_ONCE)) await nextSlice();
  }

  /** Ends the sessions that `which` names, in all workers; their uploads are kept. */
  async endSessions(which: (session: SessionInfo) => boolean, reason: string): Promise<void> {
    const { presence } = this.#core;
    for (const session of await presence.who()) {
      if (which(session)) await presence.end({ sessionId: session.sessionId }, reason);
    }
  }

  /** Suspends all uploads with a checkpoint and closes the catalog. */
  async close(): Promise<void> {
    await this.#core.presence.close();
    await this.#core.committer.idle();
    await this.#core.catalog.close();
  }
}
