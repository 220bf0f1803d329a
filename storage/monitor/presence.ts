import { delay } from "@std/async";
import type { Bus } from "./bus.ts";
import { type Counters, type Counts, summed } from "./counters.ts";
import { StoreError } from "../contract/error.ts";
import type { Principal } from "../contract/principal.ts";
import {
  matches,
  type OnEnd,
  type RunningTransfer,
  type SessionInfo,
  Sessions,
  type SessionSelector,
} from "./sessions.ts";

/** An upload that has a writer, as what ends it from outside sees it. */
export interface ActiveUpload extends RunningTransfer {
  /** The account whose tree it goes to. */
  readonly owner: string;
  readonly open: boolean;
  readonly offset: number;
  /**
   * Takes the upload from its writer, which gets the reason; resolves once the writer can write no
   * more.
   */
  takeOver(why: StoreError): Promise<void>;
  /** Takes it from its writer where the right to write is gone. */
  recheck(): Promise<void>;
}

/**
 * The sessions and transfers of all workers: what an administrator sees and ends, and what has to
 * end when an account is changed.
 */
export class Presence {
  /** Uploads that have a writer in this process, by id. */
  readonly uploads = new Map<string, ActiveUpload>();
  /** Downloads that are open in this process. */
  readonly downloads = new Set<RunningTransfer>();
  /** Whether the server is about to stop. */
  isDraining = false;
  readonly #sessions = new Sessions();

  /**
   * @param lagMs how long this process may not see a change by another one, ms
   * @param node name of this node, where several share the engine
   */
  constructor(
    private readonly bus: Bus,
    private readonly counters: Counters,
    lagMs: number,
    private readonly node?: string,
  ) {
    bus.show?.(() => ({
      sessions: this.#sessions.size,
      transfers: this.uploads.size + this.downloads.size,
      isDraining: this.isDraining,
    }));
    bus.listen({
      who: () => this.#who(),
      counts: () => counters.snapshot(),
      end: ({ which, reason }) => this.#end(which, new StoreError("aborted", reason)),
      recheck: async ({ account }) => {
        if (!bus.followsChanges) await delay(2 * lagMs);
        await this.#recheck(account);
        return null;
      },
      takeOver: ({ uploadId, reason, door }) => this.#takeOver(uploadId, reason, door),
    });
  }

  /** Adds a session. `onEnd` is called if another session ends it. */
  enter(principal: Principal, onEnd: OnEnd): void {
    this.#sessions.open(principal, onEnd, () => {
      const why = new StoreError("aborted", "The session's token has expired");
      this.#end({ sessionId: principal.sessionId }, why);
    });
  }

  /** Removes a session that has ended by itself. */
  leave(sessionId: string): void {
    this.#sessions.close(sessionId);
  }

  /** All sessions, the oldest first. */
  who(): Promise<SessionInfo[]> {
    return this.#list("all");
  }

  /** Sessions that this node serves, as {@linkcode Presence.who}. */
  whoHere(): Promise<SessionInfo[]> {
    return this.#list("node");
  }

  async #list(among: "all" | "node"): Promise<SessionInfo[]> {
    const others = (await this.bus.ask("who", null, among)).flat();
    const all = new Map<string, SessionInfo>();
    // Requests of one browser may reach several workers: its session is listed once.
    for (const session of [...this.#who(), ...others].sort((a, b) => a.sinceMs - b.sinceMs)) {
      const known = all.get(session.sessionId);
      all.set(session.sessionId, known ? { ...session, ...known } : session);
    }
    return [...all.values()];
  }

  /** Sums the counters of all workers of this node: each node is asked for its own. */
  async counts(): Promise<Counts> {
    return summed([this.counters.snapshot(), ...await this.bus.ask("counts", null, "node")]);
  }

  /** Ends sessions; their uploads are kept. @returns the number of sessions */
  async end(which: SessionSelector, reason: string): Promise<number> {
    const [here, others] = await Promise.all([
      this.#end(which, new StoreError("aborted", reason)),
      this.bus.ask("end", { which, reason }),
    ]);
    return others.reduce((sum, count) => sum + count, here);
  }

  /**
   * Ends sessions of this process whose account may not be used any more, such as one that has
   * expired.
   *
   * @param reasonOf why not; undefined: it may
   */
  async endVoid(reasonOf: (account: string) => Promise<string | undefined>): Promise<void> {
    const sessions = this.#sessions.list([]).filter(({ visitor }) => !visitor);
    for (const account of new Set(sessions.map(({ account }) => account))) {
      const reason = await reasonOf(account);
      if (reason !== undefined) await this.#end({ account }, new StoreError("aborted", reason));
    }
  }

  /** Names of nodes whose sessions are not known now. */
  async silentNodes(): Promise<string[]> {
    return await this.bus.silent?.() ?? [];
  }

  /**
   * An account was changed: uploads by it or to it that may not go on end, and are kept.
   *
   * @param account null: any account, as after the change of a group
   */
  async recheck(account: string | null): Promise<void> {
    await Promise.all([this.#recheck(account), this.bus.ask("recheck", { account })]);
  }

  /** Takes an upload from its writer, in any worker. @param door only if it came by this door */
  async takeOver(uploadId: string, reason: string, door?: Principal["door"]): Promise<void> {
    if (await this.#takeOver(uploadId, reason, door)) return;
    await this.bus.ask("takeOver", { uploadId, reason, ...(door !== undefined && { door }) });
  }

  /** Suspends all uploads of this process and removes its sessions. */
  async close(): Promise<void> {
    const why = new StoreError("shutting-down", "The server is going down; the upload is kept");
    for (const upload of [...this.uploads.values()]) await upload.takeOver(why);
    this.#sessions.clear();
    this.bus.close();
  }

  #who(): SessionInfo[] {
    const sessions = this.#sessions.list([...this.uploads.values(), ...this.downloads]);
    const { node } = this;
    return node === undefined ? sessions : sessions.map((session) => ({ ...session, node }));
  }

  async #end(which: SessionSelector, why: StoreError): Promise<number> {
    const uploads = [...this.uploads.values()].filter((upload) => matches(upload.principal, which));
    await Promise.allSettled(uploads.map((upload) => upload.takeOver(why)));
    return this.#sessions.end(which, why);
  }

  async #recheck(account: string | null): Promise<void> {
    const concerned = [...this.uploads.values()].filter(({ owner, principal }) =>
      account === null || owner === account || principal.account === account
    );
    await Promise.allSettled(concerned.map((upload) => upload.recheck()));
  }

  async #takeOver(uploadId: string, reason: string, door?: Principal["door"]): Promise<boolean> {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined || (door ?? upload.principal.door) !== upload.principal.door) {
      return false;
    }
    await upload.takeOver(new StoreError("aborted", reason));
    return true;
  }
}
