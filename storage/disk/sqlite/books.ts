import { SqliteAsides } from "./files/asides.ts";
import { SqliteClaims } from "./files/claims.ts";
import type { Connection } from "./connection/connection.ts";
import type { Epoch } from "../../common/epoch.ts";
import { SqliteFailures } from "./accounts/failures.ts";
import type { Grants } from "./accounts/grants.ts";
import { SqliteGroups } from "./accounts/groups.ts";
import { SqliteLinks } from "./sharing/links.ts";
import { SqliteLocks } from "./accounts/locks.ts";
import { SqliteMarks } from "./marks.ts";
import { SqliteMounts } from "./accounts/mounts.ts";
import { SqlitePathBook } from "./files/path_book.ts";
import { SqlitePolicy } from "./accounts/policy.ts";
import { SqliteShares } from "./sharing/shares.ts";
import { SqliteTokens } from "./accounts/tokens.ts";
import { SqliteUploadNotes } from "./uploads/upload_notes.ts";
import { SqliteWebSessions } from "./accounts/web_sessions.ts";

/** The parts of the catalog in SQLite that have an interface of their own. */
export class SqliteBooks {
  readonly claims: SqliteClaims;
  readonly tokens: SqliteTokens;
  readonly failures: SqliteFailures;
  readonly groups: SqliteGroups;
  readonly shares: SqliteShares;
  readonly links: SqliteLinks;
  readonly locks: SqliteLocks;
  readonly webSessions: SqliteWebSessions;
  readonly uploadNotes: SqliteUploadNotes;
  readonly modes: SqlitePathBook<number>;
  readonly spellings: SqlitePathBook<string>;
  readonly asides: SqliteAsides;
  readonly marks: SqliteMarks;
  readonly policy: SqlitePolicy;
  readonly mounts: SqliteMounts;
  /** Grants, which end and move with accounts and files. */
  protected readonly grants: readonly Grants[];

  constructor(connection: Connection, epoch: Epoch) {
    this.locks = new SqliteLocks(connection);
    this.claims = new SqliteClaims(connection, this.locks);
    this.tokens = new SqliteTokens(connection, epoch);
    this.failures = new SqliteFailures(connection);
    this.groups = new SqliteGroups(connection, epoch);
    this.shares = new SqliteShares(connection);
    this.links = new SqliteLinks(connection);
    this.webSessions = new SqliteWebSessions(connection);
    this.uploadNotes = new SqliteUploadNotes(connection);
    this.modes = new SqlitePathBook(connection, epoch, "modes", "mode");
    this.spellings = new SqlitePathBook(connection, epoch, "spellings", "spelling");
    this.asides = new SqliteAsides(connection);
    this.marks = new SqliteMarks(connection);
    this.policy = new SqlitePolicy(connection);
    this.mounts = new SqliteMounts(connection, epoch);
    const { groups, shares, links, locks, webSessions, uploadNotes } = this;
    const { modes, spellings, asides, policy, mounts } = this;
    this.grants = [
      ...[groups, shares, links, locks, webSessions, uploadNotes],
      ...[modes, spellings, asides, policy, mounts],
    ];
  }
}
