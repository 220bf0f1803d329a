import type { MountBook, Viewer } from "../../../contract/books/mount_book.ts";
import { groupOf } from "../../../contract/books/group_book.ts";
import { EVERYBODY, guestsOf } from "../../../contract/books/share_book.ts";
import { mountOwner, type MountRecord } from "../../../contract/mount.ts";
import type { Epoch } from "../../../common/epoch.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "./grants.ts";
import { settled } from "../connection/settled.ts";

/** In the place of a password hash of a mount's owner: it is none, so no login succeeds. */
const NO_LOGIN = "mount";
const OWNER = "'mount:' || m.name";
const COLUMNS = `m.name, ${OWNER} AS owner, m.directory, m.identity, m.letters,
  m.created_ms AS createdMs, a.quota_bytes AS quotaBytes,
  (SELECT json_group_array(guest) FROM (SELECT guest FROM mount_guests WHERE mount = m.name
    ORDER BY guest)) AS guests`;
const ALL = `SELECT ${COLUMNS} FROM mounts m JOIN accounts a ON a.name = ${OWNER}`;

/** Tables with rows of the owner of a mount. */
const OF_OWNER = [
  ...["files", "removals", "commits", "moves", "claims", "asides", "modes", "spellings", "locks"],
  "uploads",
];

/** Mounts in SQLite. */
export class SqliteMounts implements MountBook, Grants {
  readonly #sql;
  /** All mounts, as they were read last. */
  #known: { epoch: number; all: readonly MountRecord[] } = { epoch: -1, all: [] };

  constructor(private readonly connection: Connection, private readonly epoch: Epoch) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      all: prepare(`${ALL} WHERE m.ended = 0 ORDER BY m.name`),
      ended: prepare(`${ALL} WHERE m.ended = 1 ORDER BY m.name`),
      add: prepare(
        `INSERT INTO mounts (name, directory, identity, letters, created_ms)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ),
      addOwner: prepare(
        `INSERT INTO accounts (name, password_hash, letters, quota_bytes, created_ms, generation)
        VALUES (?, '${NO_LOGIN}', '', ?, ?, 0)`,
      ),
      addGuest: prepare(
        `INSERT INTO mount_guests SELECT ?1, ?2 WHERE ?2 = '${EVERYBODY}'
          OR EXISTS (SELECT 1 FROM accounts WHERE name = ?2)
          OR EXISTS (SELECT 1 FROM account_groups WHERE name = ?3)`,
      ),
      end: prepare("UPDATE mounts SET ended = 1 WHERE name = ?"),
      remove: [
        ...OF_OWNER.map((table) => `DELETE FROM ${table} WHERE owner = 'mount:' || ?`),
        "DELETE FROM accounts WHERE name = 'mount:' || ?",
        "DELETE FROM mount_guests WHERE mount = ?",
        "DELETE FROM mounts WHERE name = ?",
      ].map(prepare),
      forgetGuest: prepare("DELETE FROM mount_guests WHERE guest = ?"),
    };
  }

  /** The mount whose tree an owner has; read at once. */
  ownedBy(owner: string): MountRecord | undefined {
    return this.#all().find((mount) => mount.owner === owner);
  }

  of(account: Viewer): Promise<readonly MountRecord[]> {
    return settled(() => {
      const all = this.#all();
      if (all.length === 0) return all;
      const whom = guestsOf(account);
      return all.filter(({ guests }) => guests.some((guest) => whom.has(guest)));
    });
  }

  all(): Promise<readonly MountRecord[]> {
    return settled(() => this.#all());
  }

  add(mount: MountRecord): Promise<boolean> {
    const { name, directory, identity, letters, createdMs, quotaBytes, guests } = mount;
    return this.#write(() => {
      const { add, addOwner, addGuest } = this.#sql;
      if (add.run(name, directory, identity, letters, createdMs).changes === 0) return false;
      addOwner.run(mountOwner(name), quotaBytes, createdMs);
      for (const guest of guests) addGuest.run(name, guest, groupOf(guest) ?? null);
      return true;
    });
  }

  end(name: string): Promise<MountRecord | undefined> {
    return this.#write(() => {
      const found = this.#read(this.#sql.all).find((mount) => mount.name === name);
      if (found !== undefined) this.#sql.end.run(name);
      return found;
    });
  }

  ended(): Promise<readonly MountRecord[]> {
    return settled(() => this.connection.read(() => this.#read(this.#sql.ended)));
  }

  remove(name: string): Promise<void> {
    return this.#write(() => {
      for (const statement of this.#sql.remove) statement.run(name);
    });
  }

  forgetAccount(name: string): void {
    if (this.#sql.forgetGuest.run(name).changes > 0) this.epoch.end();
  }

  /** Mounts are of accounts, not of their files. */
  forget(): void {}

  move(): void {}

  #all(): readonly MountRecord[] {
    const epoch = this.epoch.now;
    if (this.#known.epoch !== epoch) {
      const all = this.connection.read(() => this.#read(this.#sql.all));
      this.#known = { epoch, all };
    }
    return this.#known.all;
  }

  #read(statement: { all(): unknown[] }): MountRecord[] {
    return (statement.all() as (Omit<MountRecord, "guests"> & { guests: string })[])
      .map((row) => ({ ...row, guests: JSON.parse(row.guests) as string[] }));
  }

  #write<T>(work: () => T): Promise<T> {
    return this.connection.write(true, () => {
      this.epoch.end();
      return work();
    });
  }
}
