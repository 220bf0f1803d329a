import { dirname } from "@std/path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { DatabaseState } from "../../../contract/catalog.ts";
import type { Durability } from "../../../contract/engine.ts";
import { StoreError } from "../../../contract/error.ts";
import { SpaceReserve } from "../../reserve/space_reserve.ts";
import { isFull } from "./full.ts";
import { changesByOthers } from "./changes_by_others.ts";
import { copyDatabase } from "./copy_database.ts";
import { asStoreError, diskFull } from "./errors.ts";
import { reportFailure, sizeOf, stateOf } from "./state.ts";
import { createCatalogFile, quickCheck, refuseDamaged } from "./file.ts";
import { migrate } from "./migrate.ts";
import { Riders } from "./riders.ts";
import { WriteTurns } from "./turns.ts";

/** How to open a catalog file. */
export interface OpenOptions {
  durability: Durability;
  /**
   * Whether to check every page first, which takes about half a second for each million files.
   *
   * @default {true}
   */
  check?: boolean;
  /**
   * Throws where this connection's worker has been replaced: another one settles what it had begun,
   * so that it must write nothing more. Asked before each write and before its commit.
   */
  assertCurrent?: () => void;
  /** Called once when a write fails so that this connection writes nothing more, with the cause. */
  onBroken?: (cause: unknown) => void;
  /** Whether no upload is published through any other connection. @default false */
  alone?: boolean;
}

/** A method that the types do not know yet. */
interface ReturnsArrays {
  setReturnArrays(enabled: boolean): void;
}

/** `PRAGMA synchronous`: both keep the database whole; FULL also syncs the log at each commit. */
const NORMAL = 1;
const FULL = 2;

/** Timeout for another process's transaction when opening. */
const OPEN_TIMEOUT_MS = 5000;
/** How long SQLite waits within a call, which blocks the thread. */
const CALL_TIMEOUT_MS = 4;

/** One open database file: its statements, its transactions, and what its errors mean. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #durableLevel: number;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #directory: string;
  readonly #reserve: SpaceReserve;
  readonly #turns = new WriteTurns();
  /** Called when the present transaction is committed. */
  #committed: (() => void)[] = [];
  readonly #beginReading: StatementSync;
  /** Whether no upload is published through any other connection. */
  readonly alone: boolean;
  /** Whether another connection has changed something since the last call. */
  readonly changedByOthers: () => boolean;
  /** Writes that go along with the next transaction. */
  readonly riders = new Riders(() => this.write(false, () => {}));
  #level: number | undefined;
  #broken: StoreError | undefined;
  readonly #assertCurrent: () => void;
  readonly #onBroken: (cause: unknown) => void;

  private constructor(database: DatabaseSync, options: OpenOptions, directory: string) {
    const { durability } = options;
    this.#assertCurrent = options.assertCurrent ?? (() => {});
    this.#onBroken = options.onBroken ?? (() => {});
    this.#database = database;
    this.#directory = directory;
    this.alone = options.alone ?? false;
    this.#reserve = new SpaceReserve(directory);
    this.#durableLevel = durability === "full" ? FULL : NORMAL;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#beginReading = database.prepare("BEGIN DEFERRED");
    this.#commit = database.prepare("COMMIT");
    this.changedByOthers = changesByOthers(database);
    this.#rollback = database.prepare("ROLLBACK");
  }

  /**
   * Opens a catalog file, making it where there is none.
   *
   * @throws {StoreError} `io` where the file is damaged, or no catalog this version understands
   */
  static open(file: string, options: OpenOptions): Connection {
    const directory = dirname(file);
    // The log and its index are files that the first connection makes: on a full disk they need
    // the reserve.
    const open = () => {
      createCatalogFile(file);
      const database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS });
      try {
        if (options.check !== false) quickCheck(database);
        migrate(database);
        database.exec(
          "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216; " +
            `PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = ${CALL_TIMEOUT_MS}`,
        );
        return new Connection(database, options, directory);
      } catch (error) {
        database.close();
        throw error;
      }
    };
    return refuseDamaged(() =>
      new SpaceReserve(directory).use(open, (error) => isFull(error, directory))
    );
  }

  /** Prepares a statement, to be kept as long as the connection. */
  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** Prepares a statement whose rows are arrays: they take a third of the time that objects do. */
  prepareArrays(sql: string): StatementSync {
    const statement = this.prepare(sql);
    (statement as StatementSync & ReturnsArrays).setReturnArrays(true);
    return statement;
  }

  /**
   * Runs `work` in a transaction of its own: all of what it writes is kept, or nothing. Where another
   * process is writing, it waits for its turn.
   *
   * @throws {StoreError} `busy` where the other one takes too long
   */
  write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.#turns.run(() => this.#withRoom(() => this.#transaction(durable, work)));
  }

  /**
   * Runs `work` as {@linkcode write} does, for optional writes: if it cannot write at once, it
   * writes nothing and the caller continues.
   *
   * @returns false where it was not written, or `work` returns false
   */
  note(work: () => boolean | void): boolean {
    try {
      const transaction = () => this.#withRoom(() => this.#transaction(false, work));
      return this.#turns.runAtOnce(transaction) !== false;
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }

  #transaction<T>(durable: boolean, work: () => T): T {
    if (this.#broken) throw this.#broken;
    try {
      // The level cannot be changed within a transaction. The log is one file: a commit that syncs
      // it makes all earlier commits durable too.
      this.#synchronous(durable ? this.#durableLevel : NORMAL);
      this.#begin.run();
      const ridden = this.riders.run();
      const result = work();
      this.#assertCurrent();
      this.#commit.run();
      this.riders.done(ridden);
      for (const note of this.#committed.splice(0)) note();
      return result;
    } catch (error) {
      this.#committed = [];
      throw this.#afterFailure(error);
    }
  }

  /** Within a transaction: has `note` called once it is committed, before anything else is written. */
  afterCommit(note: () => void): void {
    this.#committed.push(note);
  }

  /**
   * Runs `work`, a single statement, as the transaction that a statement is by itself: half of what
   * it costs to begin and commit one. It survives the process, not a power cut.
   */
  writeOne<T>(work: () => T): Promise<T> {
    return this.#turns.run(() => this.#withRoom(() => this.#statement(work)));
  }

  #statement<T>(work: () => T): T {
    if (this.#broken) throw this.#broken;
    try {
      this.#synchronous(NORMAL);
      this.#assertCurrent();
      return work();
    } catch (error) {
      throw this.#afterFailure(error);
    }
  }

  /** Repeats a transaction that the full disk refused, as long as room can be made for it. */
  #withRoom<T>(transaction: () => T): T {
    let restarted = false;
    while (true) {
      try {
        return transaction();
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === "no-space")) throw error;
        // The place that the log has is used again before the reserve is given up.
        if (!restarted) this.#restartLog();
        else if (!this.#reserve.release()) throw error;
        restarted = true;
      }
    }
  }

  /** Moves the log into the database, so that the next transaction begins at the log's start. */
  #restartLog(): void {
    try {
      this.#database.exec("PRAGMA wal_checkpoint(RESTART)");
    } catch {
      // The database cannot grow either.
    }
  }

  /** Runs `work`, which only reads, and translates its errors. */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /**
   * Runs `work`, which reads many times, on one state of the database: it is locked once, and not
   * for each statement.
   */
  readTogether<T>(work: () => T): T {
    return this.read(() => {
      this.#beginReading.run();
      try {
        return work();
      } finally {
        this.#commit.run();
      }
    });
  }

  /** Bytes of the file, its journal aside. */
  sizeBytes(): number {
    return sizeOf(this.#database);
  }

  /** Moves what it can of the log into the database, and describes both. */
  state(): DatabaseState {
    return stateOf(this.#database);
  }

  /** Copies the database as it is now to a new file; see {@linkcode copyDatabase}. */
  async backup(file: string): Promise<void> {
    await copyDatabase(this.#database, file);
  }

  /** Closes the file once no write waits; the last connection to it moves the log into it. */
  async close(): Promise<void> {
    await this.riders.end();
    await this.#turns.idle();
    this.#database.close();
  }

  #synchronous(level: number): void {
    if (level === this.#level) return;
    this.#database.exec(`PRAGMA synchronous = ${level}`);
    this.#level = level;
  }

  #afterFailure(error: unknown): StoreError {
    const failure = isFull(error, this.#directory) ? diskFull(error) : asStoreError(error);
    // After a failed write or sync it is unknown which earlier pages have reached the disk, and a
    // second sync would not reveal it: this connection makes no further commits.
    if (!(error instanceof StoreError)) reportFailure(failure);
    const broken = /disk I\/O error|malformed/.test(String(error));
    if (broken && failure.kind !== "no-space") this.#break(failure);
    try {
      if (this.#database.isTransaction) this.#rollback.run();
    } catch (cause) {
      this.#break(asStoreError(cause));
    }
    return failure;
  }

  #break(failure: StoreError): void {
    if (this.#broken !== undefined) return;
    this.#broken = failure;
    this.#onBroken(failure.cause ?? failure);
  }
}
