/** The tables of the catalog, and how a catalog of an earlier version becomes one of today's. */
import { LATER_STEPS } from "./later_steps.ts";
import { uncover } from "./uncover.ts";

/** Marks a database file as a catalog ("Towp" in ASCII). */
export const APPLICATION_ID = 0x546f7770;

/**
 * Each step brings the schema one version on; `user_version` counts the steps taken. A step that
 * was released is never changed: what is new is added as a further step.
 * Paths of files are kept as directory and name, so that the files of one directory, and those
 * below it, are ranges of the primary key.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    name           TEXT PRIMARY KEY,
    password_hash  TEXT NOT NULL,
    letters        TEXT NOT NULL,
    quota_bytes    INTEGER,
    created_ms     INTEGER NOT NULL,
    last_login_ms  INTEGER,
    generation     INTEGER NOT NULL,
    used_bytes     INTEGER NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
    reserved_bytes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0)
  ) STRICT, WITHOUT ROWID;

  -- The last generation of accounts that were removed: the next of that name begins above it.
  CREATE TABLE former_accounts (
    name       TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE files (
    owner     TEXT NOT NULL,
    directory TEXT NOT NULL,
    name      TEXT NOT NULL,
    size      INTEGER NOT NULL CHECK (size >= 0),
    mtime_ms  INTEGER NOT NULL,
    hash      TEXT NOT NULL,
    stored_ms INTEGER NOT NULL,
    damaged   INTEGER NOT NULL,
    PRIMARY KEY (owner, directory, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE uploads (
    id             TEXT PRIMARY KEY,
    owner          TEXT NOT NULL,
    account        TEXT NOT NULL,
    path           TEXT NOT NULL,
    shown_path     TEXT NOT NULL,
    size_bytes     INTEGER,
    hash           TEXT,
    mtime_ms       INTEGER,
    if_exists      TEXT NOT NULL,
    appends_to     TEXT,
    created_ms     INTEGER NOT NULL,
    updated_ms     INTEGER NOT NULL,
    offset_bytes   INTEGER NOT NULL,
    reserved_bytes INTEGER NOT NULL CHECK (reserved_bytes >= 0),
    finished       INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX uploads_by_account ON uploads (account, updated_ms);
  CREATE INDEX uploads_by_owner ON uploads (owner);
  CREATE INDEX uploads_finished ON uploads (owner) WHERE finished = 1;

  -- held_bytes: what the intent reserves of the quota beyond its upload's own reservation.
  CREATE TABLE commits (
    owner          TEXT NOT NULL,
    path           TEXT NOT NULL,
    upload_id      TEXT NOT NULL,
    replaces       INTEGER NOT NULL,
    size           INTEGER NOT NULL CHECK (size >= 0),
    mtime_ms       INTEGER NOT NULL,
    hash           TEXT NOT NULL,
    stored_ms      INTEGER NOT NULL,
    damaged        INTEGER NOT NULL,
    reserved_bytes INTEGER NOT NULL,
    held_bytes     INTEGER NOT NULL CHECK (held_bytes >= 0),
    PRIMARY KEY (owner, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE moves (
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (owner, source, target)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- hash: SHA-256 of the secret, which is kept nowhere.
  CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    account      TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    label        TEXT NOT NULL,
    letters      TEXT NOT NULL,
    path         TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    last_used_ms INTEGER,
    expires_ms   INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_by_account ON tokens (account, created_ms);

  CREATE TABLE failures (
    key     TEXT PRIMARY KEY,
    count   INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX failures_by_time ON failures (last_ms);
  `,
  `
  -- guest: an account's name, or * for every account.
  CREATE TABLE shares (
    id         TEXT NOT NULL,
    owner      TEXT NOT NULL,
    path       TEXT NOT NULL,
    guest      TEXT NOT NULL,
    letters    TEXT NOT NULL,
    directory  INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    PRIMARY KEY (owner, path, guest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX shares_by_guest ON shares (guest, owner, path);
  CREATE INDEX shares_by_time ON shares (expires_ms) WHERE expires_ms IS NOT NULL;
  `,
  `
  -- hash: SHA-256 of the secret, which is kept nowhere.
  CREATE TABLE links (
    id             TEXT PRIMARY KEY,
    owner          TEXT NOT NULL,
    path           TEXT NOT NULL,
    directory      INTEGER NOT NULL,
    hash           TEXT NOT NULL UNIQUE,
    key            TEXT NOT NULL,
    label          TEXT NOT NULL,
    password_hash  TEXT,
    pinned_hash    TEXT,
    most_downloads INTEGER,
    downloads      INTEGER NOT NULL,
    created_ms     INTEGER NOT NULL,
    last_used_ms   INTEGER,
    expires_ms     INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_by_owner ON links (owner, path);
  CREATE INDEX links_by_time ON links (expires_ms) WHERE expires_ms IS NOT NULL;
  `,
  `
  -- hash: SHA-256 of the secret, which is kept nowhere.
  CREATE TABLE web_sessions (
    id           TEXT PRIMARY KEY,
    account      TEXT NOT NULL,
    generation   INTEGER NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    address      TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX web_sessions_by_account ON web_sessions (account, created_ms);
  `,
  `
  -- path, size, hash: the file that the upload became; NULL while it is unfinished.
  CREATE TABLE upload_notes (
    id      TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    text    TEXT NOT NULL,
    path    TEXT,
    size    INTEGER,
    hash    TEXT,
    at_ms   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upload_notes_by_account ON upload_notes (account, at_ms);
  CREATE INDEX upload_notes_by_time ON upload_notes (at_ms);
  `,
  `
  -- covered_bytes: room that an overwriting upload needs and does not reserve, as the file of its
  -- name makes way for it.
  ALTER TABLE uploads ADD COLUMN covered_bytes INTEGER NOT NULL DEFAULT 0 CHECK (covered_bytes >= 0);
  `,
  `
  -- compared: since when content is compared with what was hashed as it is written; 0: always.
  CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO marks (name, at_ms) SELECT 'compared', CASE WHEN EXISTS (SELECT 1 FROM files)
    THEN CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) ELSE 0 END;
  `,
  `
  -- Permission bits that clients gave files and directories, by path as in "files".
  CREATE TABLE modes (
    owner     TEXT NOT NULL,
    directory TEXT NOT NULL,
    name      TEXT NOT NULL,
    mode      INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 511),
    PRIMARY KEY (owner, directory, name)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE uploads ADD COLUMN mode INTEGER;
  `,
  `
  -- writer: number of the current writer; holder: the worker that it is, NULL while suspended.
  ALTER TABLE uploads ADD COLUMN offset_hash TEXT;
  ALTER TABLE uploads ADD COLUMN writer INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE uploads ADD COLUMN holder TEXT;
  ALTER TABLE commits ADD COLUMN writer INTEGER;
  ALTER TABLE commits ADD COLUMN holder TEXT NOT NULL DEFAULT '';
  ALTER TABLE moves ADD COLUMN holder TEXT NOT NULL DEFAULT '';

  -- Paths that are about to be renamed or removed: one row for each path of a claim.
  CREATE TABLE claims (
    owner  TEXT NOT NULL,
    path   TEXT NOT NULL,
    id     TEXT NOT NULL,
    holder TEXT NOT NULL,
    ready  INTEGER NOT NULL,
    PRIMARY KEY (owner, path, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- version: grows with every change of account_limits and bans.
  CREATE TABLE policy (
    version INTEGER NOT NULL
  ) STRICT;
  INSERT INTO policy VALUES (0);

  -- limits: JSON; what it lacks is the server's own.
  CREATE TABLE account_limits (
    account TEXT PRIMARY KEY,
    limits  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE bans (
    address       TEXT NOT NULL,
    prefix_length INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    created_ms    INTEGER NOT NULL,
    expires_ms    INTEGER,
    PRIMARY KEY (address, prefix_length)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Content that nothing knew of at a start, kept aside; its bytes are held of the owner's quota.
  CREATE TABLE asides (
    id    TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX asides_by_owner ON asides (owner);
  `,
  `
  -- tag: names the upload that a file came by, NULL where its client gave it no key.
  ALTER TABLE files ADD COLUMN tag TEXT;
  ALTER TABLE commits ADD COLUMN tag TEXT;
  -- spelling: how an FTP client writes the name, NULL for ASCII.
  ALTER TABLE uploads ADD COLUMN spelling TEXT;
  `,
  `
  -- moving: 1 once records follow a rename that has happened; they do so in steps.
  ALTER TABLE moves ADD COLUMN moving INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Queries for shares and uploads use an index, however many there are.
  CREATE INDEX shares_by_id ON shares (id);
  CREATE INDEX shares_by_guest_and_time ON shares (guest, created_ms, owner);
  CREATE INDEX uploads_by_time ON uploads (updated_ms, id);
  DROP INDEX uploads_by_account;
  CREATE INDEX uploads_by_account ON uploads (account, updated_ms, id);
  CREATE INDEX uploads_by_path ON uploads (owner, path);
  CREATE INDEX uploads_by_directory
    ON uploads (account, rtrim(shown_path, replace(shown_path, '/', '')), id);
  CREATE INDEX uploads_reserving ON uploads (updated_ms)
    WHERE finished = 0 AND reserved_bytes > offset_bytes;
  CREATE INDEX uploads_of_guests ON uploads (owner, updated_ms, id) WHERE account <> owner;
  `,
  `
  -- Names as FTP clients spelled them, by path as in "files".
  CREATE TABLE spellings (
    owner     TEXT NOT NULL,
    directory TEXT NOT NULL,
    name      TEXT NOT NULL,
    spelling  TEXT NOT NULL,
    PRIMARY KEY (owner, directory, name)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Uploads that a file made room for reserve it once the file is gone, elsewhere or smaller.
  CREATE INDEX uploads_covered ON uploads (owner, path) WHERE covered_bytes > 0;
  ${uncover("files_removed", "DELETE", "0")}
  ${uncover("files_moved", "UPDATE OF directory, name", "0")}
  ${uncover("files_resized", "UPDATE OF size", "NEW.size")}
  `,
  `
  -- agent: browser and system, as in 'Firefox 130 on Linux'; empty where the login named none.
  ALTER TABLE web_sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
  `,
  ...LATER_STEPS,
];
