import { Access } from "./access/access.ts";
import { createAccount, type NewAccount } from "./people/account_changes.ts";
import { type AuditActor, type AuditResult, resultOf } from "./monitor/audit.ts";
import { arrivals } from "./contract/arrivals.ts";
import { clock } from "./contract/clock.ts";
import type { Counters, Counts } from "./monitor/counters.ts";
import type { SpaceState } from "./core/free_space.ts";
import { figures } from "./figures.ts";
import { findingsOf, type OperatorFindings } from "./tree/operator_findings.ts";
import type {
  Engine,
  EngineFault,
  RecoveryProgress,
  RecoveryReport,
  SharedState,
} from "./contract/engine.ts";
import type { StepHook } from "./contract/step.ts";
import { removeExpired } from "./people/expiry.ts";
import { dropKnown, endSession } from "./people/administration.ts";
import type { Principal } from "./contract/principal.ts";
import { type LinkVisit, openLink, type Visitor } from "./people/link_visit.ts";
import type { VirtualPath } from "./contract/path.ts";
import type { OnEnd, SessionInfo } from "./monitor/sessions.ts";
import { VaultCore, type VaultOptions } from "./core/vault_core.ts";
import type { UploadNoteBook } from "./contract/books/upload_note_book.ts";
import { openToken } from "./people/tokens.ts";
import { View } from "./view.ts";
import { VOID, voidReason } from "./contract/validity.ts";
import { WebSessions } from "./people/web_sessions.ts";

export type { EngineFault, LinkVisit, SharedState, SpaceState, View };

/** How long an upload without new bytes keeps its announced bytes reserved, ms. */
const SILENT_MS = 2 * 60_000;

/** The engine, the operator's limits and the sinks of a vault. */
export interface VaultParts {
  readonly engine: Engine;
  readonly recover?: boolean | { readonly holders: readonly string[] };
  readonly progress?: RecoveryProgress;
  /** For tests: called between the steps of checkpoints and commits. */
  readonly step?: StepHook;
}

/**
 * The only entrance to stored files. A door (a protocol: native, FTP, web) enters with a principal
 * and gets a view that enforces every rule: permissions, quota, versions, locks.
 */
export class Vault {
  /** Browser sessions, by the secret in the cookie. */
  readonly webSessions: WebSessions;
  /** Metadata that clients of resumable uploads sent, and the outcome of these uploads. */
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
   * @param parts `recover`: true where nothing else has the engine's places open; false where another
   * process or worker has done it since the start; or the ids of workers that have ended, of which
   * alone what they had begun is settled
   */
  static async open(parts: VaultParts & VaultOptions): Promise<Vault> {
    const { engine, recover = true, progress, step, ...options } = parts;
    if (step !== undefined) engine.step = step;
    const holders = typeof recover === "object" ? recover.holders : undefined;
    await arrivals.reserve(engine.catalog.marks);
    const report = recover ? await engine.recover({ holders, progress }) : undefined;
    return new Vault(new VaultCore(engine, options), report);
  }

  /** Names this worker's start in the engine: see `recover` in {@linkcode Vault.open}. */
  get holder(): string {
    return this.#core.engine.holder;
  }

  /** Resolves the secret of a token to its account and restrictions; undefined if it is invalid. */
  openToken(secret: string): ReturnType<typeof openToken> {
    return openToken(this.#core.catalog, secret);
  }

  /** Systems without which nothing can be served, and that do not answer. It does not throw. */
  faults(): Promise<readonly EngineFault[]> {
    return this.#core.engine.faults();
  }

  /** State of what several nodes share, for the operator; undefined where this server has all. */
  shared(): Promise<SharedState | undefined> {
    return this.#core.engine.shared();
  }

  /** The server is about to stop: operators see it in the state of the nodes. */
  drain(): void {
    this.#core.presence.isDraining = true;
  }

  /** Counts what happens in this worker. */
  get counters(): Counters {
    return this.#core.counters;
  }

  /** How long an unfinished upload is kept after its last use, ms. */
  get partTtlMs(): number {
    return this.#core.partTtlMs;
  }

  /** How much space there is; undefined where the engine has no limit. */
  space(): Promise<SpaceState | undefined> {
    return this.#core.space.state();
  }

  /** How the server is doing, over all workers; not for everyone's eyes. */
  figures(): Promise<Counts> {
    return figures(this.#core);
  }

  /**
   * Opens a principal's view: the files it sees and the actions it may do.
   *
   * @param onEnd lists the session for administrators; called when the session is to end. The
   * caller calls `leave()` when it ends by itself. A second session with the same id replaces the
   * first.
   */
  enter(principal: Principal, onEnd?: OnEnd): View {
    if (onEnd) this.#core.presence.enter(principal, onEnd);
    return new View(this.#core, new Access(principal, this.#core.catalog, this.#core.epoch));
  }

  /**
   * Opens a visitor's view of a public link.
   *
   * @param pass from an earlier visit, in place of the link's password
   * @throws {StoreError} `not-found` where no link has the secret, or the link has ended
   */
  visit(secret: string, visitor: Visitor, pass?: string): Promise<LinkVisit> {
    return openLink(this.#core, secret, visitor, pass);
  }

  /** Makes an account for a stranger. @throws {StoreError} `exists` */
  async register(account: NewAccount, actor: AuditActor): Promise<void> {
    const record = (result: AuditResult) =>
      this.#core.audit.write(actor, { action: "register", subject: account.name, result });
    try {
      await createAccount(this.#core.engine, account);
      record("ok");
    } catch (error) {
      record(resultOf(error));
      throw error;
    }
  }

  /**
   * Reads every byte of an account's files again, for the operator; ignores permissions.
   *
   * @param onForgotten accepts that files are lost, and is called for each of them
   */
  verifyAccount(
    name: string,
    onForgotten?: (path: VirtualPath, bytes: number) => void,
  ): Promise<OperatorFindings> {
    return findingsOf(this.#core, name, onForgotten !== undefined, onForgotten ?? (() => {}));
  }

  /**
   * Removes unfinished uploads and all that permissions gave for a time, where that is over; nothing
   * while the machine's clock is not to be trusted.
   *
   * @returns ids of uploads
   */
  expireUploads(): Promise<string[]> {
    return removeExpired(this.#core);
  }

  /** Frees the quota that announced bytes hold while none come, and that parts hold that are gone. */
  async shrinkReservations(): Promise<void> {
    await this.#core.engine.shrinkReservations(clock.steady() - SILENT_MS);
  }

  /** Ends the sessions that `which` names, in all workers of this node; their uploads are kept. */
  async endSessions(which: (session: SessionInfo) => boolean, reason: string): Promise<void> {
    const { presence } = this.#core;
    for (const session of await presence.whoHere()) {
      if (which(session)) await presence.end({ sessionId: session.sessionId }, reason);
    }
  }

  /** Ends this worker's sessions of accounts that are disabled or have expired. */
  async endVoidSessions(): Promise<void> {
    const { presence, catalog } = this.#core;
    await presence.endVoid(async (name) => {
      const account = await catalog.account(name);
      const reason = account && voidReason(account);
      return reason && `The account ${VOID[reason]}`;
    });
  }

  /** Lists the sessions of all workers, the oldest first, for the operator. */
  who(): Promise<SessionInfo[]> {
    return this.#core.presence.who();
  }

  /** Ends a session for the operator; its upload is kept. @throws {StoreError} `not-found` */
  kick(sessionId: string): Promise<void> {
    return endSession(this.#core, sessionId);
  }

  /** Drops an unfinished upload for the operator. @throws {StoreError} `transfer-not-found` */
  async dropUpload(id: string): Promise<void> {
    await dropKnown(this.#core, id);
  }

  /** Suspends all uploads with a checkpoint and closes the engine. */
  async close(): Promise<void> {
    await this.#core.presence.close();
    await this.#core.engine.close();
  }
}
