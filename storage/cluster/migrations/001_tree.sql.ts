/**
 * Accounts with their bytes, names, content and unfinished uploads.
 *
 * Every change of an account's tree or uploads locks the account's row first, in a function that is
 * one round trip: the lock is never held while a client is waited for, and two changes never wait for
 * each other. Locks are taken in one order: accounts by their ids, uploads, and garbage last, all of a
 * transaction at once and by name, because accounts share objects.
 */
import type { Migration } from "../postgres/migrations.ts";
import { ACCOUNTS } from "./tree/accounts.sql.ts";
import { CHANGES } from "./tree/changes.sql.ts";
import { CONTENT } from "./tree/content.sql.ts";
import { NAMES } from "./tree/names.sql.ts";
import { PUBLISH } from "./tree/publish.sql.ts";
import { UPKEEP } from "./tree/upkeep.sql.ts";
import { UPLOADS } from "./tree/uploads.sql.ts";

const TABLES = `
-- Ordered by code points, as all names and paths are.
CREATE DOMAIN name_c AS text COLLATE "C";

CREATE TABLE accounts (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name name_c NOT NULL UNIQUE,
  password_hash text NOT NULL,
  letters text NOT NULL,
  quota_bytes bigint,
  created_ms bigint NOT NULL,
  last_login_ms bigint,
  generation bigint NOT NULL,
  root bigint NOT NULL,
  used_bytes bigint NOT NULL DEFAULT 0,
  reserved_bytes bigint NOT NULL DEFAULT 0,
  -- The worker that removes it, where its removal has begun.
  removed_by text
) WITH (fillfactor = 50);

-- Last generation of accounts that were removed: one of the same name goes on above it.
CREATE TABLE former_accounts (name name_c PRIMARY KEY, generation bigint NOT NULL);

-- Files and directories. A root has no parent, and its account's name.
CREATE TABLE nodes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner int NOT NULL,
  parent bigint REFERENCES nodes (id),
  name name_c NOT NULL,
  -- Its content; null: it is a directory.
  content uuid,
  size bigint NOT NULL DEFAULT 0,
  hash bytea,
  crc bigint,
  mtime_ms bigint NOT NULL,
  stored_ms bigint,
  damaged boolean NOT NULL DEFAULT false,
  tag text,
  mode int,
  -- The name in the Unicode form that its client gave it.
  spelling text,
  -- The number that its last byte took, or the rename that gave it its name.
  arrival bigint NOT NULL DEFAULT 0,
  UNIQUE (parent, name)
) WITH (fillfactor = 80);
CREATE INDEX nodes_by_content ON nodes (content) WHERE content IS NOT NULL;
CREATE INDEX nodes_by_owner ON nodes (owner, id) WHERE content IS NOT NULL;
CREATE INDEX nodes_by_tag ON nodes (parent, tag) WHERE tag IS NOT NULL;

-- Content is its segments in order; it has the id of the upload that it came by. Objects never change.
CREATE TABLE segments (
  content uuid NOT NULL,
  start bigint NOT NULL,
  size bigint NOT NULL,
  object text NOT NULL,
  object_from bigint NOT NULL DEFAULT 0,
  -- CRC-32 of these bytes; null where a cut left none.
  crc bigint,
  -- SHA-256 of the content up to the end of this segment, where a checkpoint was there.
  prefix_hash bytea,
  PRIMARY KEY (content, start)
);
CREATE INDEX segments_by_object ON segments (object);

-- Unfinished uploads. The safe bytes are the segments of the content of the same id.
CREATE TABLE uploads (
  id uuid PRIMARY KEY,
  owner int NOT NULL REFERENCES accounts (id),
  account int NOT NULL REFERENCES accounts (id),
  path text NOT NULL,
  shown_path text NOT NULL,
  size_bytes bigint,
  hash text,
  mtime_ms bigint,
  mode int,
  spelling text,
  if_exists text NOT NULL,
  appends_to text,
  created_ms bigint NOT NULL,
  updated_ms bigint NOT NULL,
  offset_bytes bigint NOT NULL DEFAULT 0,
  offset_hash bytea,
  reserved_bytes bigint NOT NULL,
  -- Bytes not reserved, as the file that the upload overwrites gives them back.
  covered_bytes bigint NOT NULL DEFAULT 0,
  writer int NOT NULL,
  holder text
) WITH (fillfactor = 50);
CREATE INDEX uploads_by_owner ON uploads (owner);
CREATE INDEX uploads_by_account ON uploads (account);
CREATE INDEX uploads_covered ON uploads (owner) WHERE covered_bytes > 0;
CREATE INDEX uploads_by_update ON uploads (updated_ms, id);

-- Answers of publications, for a client whose connection was lost before the answer came.
CREATE UNLOGGED TABLE published (upload uuid PRIMARY KEY, answer jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX published_by_time ON published (at);

-- Workers that run, each for as long as it renews its lease, by this server's clock.
CREATE TABLE holders (holder text PRIMARY KEY, lease_until timestamptz NOT NULL);

-- The latest time that a worker received: a server that takes this one's place may have another clock.
CREATE TABLE cluster_clock (latest bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO cluster_clock VALUES (0);

-- Paths that are not renamed or removed for a while.
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner int NOT NULL,
  path text NOT NULL,
  holder text NOT NULL
);
CREATE INDEX holds_by_owner ON holds (owner);

-- The latest removals: an upload that arrived before one brings nothing back.
CREATE TABLE removals (
  owner int NOT NULL,
  path_hash bytea NOT NULL,
  arrival bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, path_hash)
);
CREATE INDEX removals_by_time ON removals (at);

-- Trees that no name leads to any more; they are taken apart piece by piece.
CREATE TABLE doomed (node bigint PRIMARY KEY);

-- Trees of removed accounts whose files are kept for the operator.
CREATE TABLE kept_trees (root bigint PRIMARY KEY, name text NOT NULL, removed_ms bigint NOT NULL);

-- Objects that no segment names any more, or fewer: bytes that no content has any more. They are
-- deleted after a grace.
CREATE TABLE garbage (
  object text PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT now(),
  bytes bigint NOT NULL DEFAULT 0
);
CREATE INDEX garbage_by_time ON garbage (since);

-- Bytes of an object that content does not have any more.
CREATE TYPE dropped AS (object text, bytes bigint);
`;

/**
 * Functions by which the tree notifies what follows names: shares and links. The catalog's migration
 * replaces them.
 */
const SEAM = `
-- Whether something is shared at or below a path.
CREATE FUNCTION grants_within(of_owner int, at_path text) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT false $$;
-- Ends shares and links at and below a path.
CREATE FUNCTION grants_end(of_owner int, at_path text) RETURNS void LANGUAGE sql AS $$ SELECT $$;
-- Shares and links at and below a path have a new path.
CREATE FUNCTION grants_move(of_owner int, from_path text, to_path text) RETURNS void LANGUAGE sql AS
$$ SELECT $$;
-- An account's removal has begun: its tokens, shares, links, sessions, notes and limits end, and the
-- shares of others with it.
CREATE FUNCTION grants_retire(of_account int) RETURNS void LANGUAGE sql AS $$ SELECT $$;
-- Whether a path is another one, or below it.
CREATE FUNCTION is_within(path text, above text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT path = above OR above = '/' OR starts_with(path, above || '/') $$;
`;

export const TREE: Migration = {
  number: 1,
  name: "tree",
  sql: [TABLES, SEAM, CONTENT, NAMES, CHANGES, UPLOADS, PUBLISH, ACCOUNTS, UPKEEP].join("\n"),
};
