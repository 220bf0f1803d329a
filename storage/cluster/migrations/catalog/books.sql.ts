/** Tables of the books: tokens, sessions, notes, failures, times, limits and bans. */
export const BOOKS = `
CREATE TABLE tokens (
  id text PRIMARY KEY,
  account int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash text NOT NULL UNIQUE,
  label text NOT NULL,
  letters text NOT NULL,
  path text NOT NULL,
  created_ms bigint NOT NULL,
  last_used_ms bigint,
  expires_ms bigint
) WITH (fillfactor = 80);
CREATE INDEX tokens_by_account ON tokens (account, created_ms, id);
CREATE INDEX tokens_by_expiry ON tokens (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE web_sessions (
  id text PRIMARY KEY,
  account int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  generation bigint NOT NULL,
  hash text NOT NULL UNIQUE,
  address text NOT NULL,
  agent text NOT NULL,
  created_ms bigint NOT NULL,
  last_used_ms bigint NOT NULL,
  expires_ms bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX web_sessions_by_account ON web_sessions (account, created_ms, id);
CREATE INDEX web_sessions_by_expiry ON web_sessions (expires_ms);

CREATE TABLE upload_notes (
  -- The upload's.
  id text PRIMARY KEY,
  account int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  text text NOT NULL,
  -- The file that it became; null: it is unfinished.
  path text,
  size bigint,
  hash text,
  at_ms bigint NOT NULL
);
CREATE INDEX upload_notes_by_account ON upload_notes (account, at_ms);
CREATE INDEX upload_notes_by_time ON upload_notes (at_ms);

CREATE TABLE failures (key text PRIMARY KEY, count int NOT NULL, last_ms bigint NOT NULL);
CREATE INDEX failures_by_time ON failures (last_ms DESC, key);

CREATE TABLE marks (name text PRIMARY KEY, at_ms bigint NOT NULL);

CREATE TABLE account_limits (
  account int PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  limits text NOT NULL
);
CREATE TABLE bans (
  address text COLLATE "C" NOT NULL,
  prefix_length int NOT NULL,
  reason text NOT NULL,
  created_ms bigint NOT NULL,
  expires_ms bigint,
  PRIMARY KEY (address, prefix_length)
);
CREATE TABLE policy (version bigint NOT NULL);
INSERT INTO policy VALUES (1);
CREATE FUNCTION policy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE policy SET version = version + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER limits_changed AFTER INSERT OR UPDATE OR DELETE ON account_limits
  FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();
CREATE TRIGGER bans_changed AFTER INSERT OR UPDATE OR DELETE ON bans
  FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();

-- Counts a failure under each key. Keys are locked in one order, so that two counts never deadlock.
CREATE FUNCTION failures_count(keys jsonb, at_ms bigint, forget_before_ms bigint, max_keys int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO failures AS f (key, count, last_ms)
    SELECT DISTINCT k, 1, at_ms FROM jsonb_array_elements_text(keys) AS k ORDER BY k
    ON CONFLICT (key) DO UPDATE SET last_ms = excluded.last_ms,
      count = CASE WHEN f.last_ms < forget_before_ms THEN 1 ELSE f.count + 1 END;
  DELETE FROM failures WHERE key IN (SELECT key FROM failures
    WHERE last_ms < forget_before_ms ORDER BY key FOR UPDATE SKIP LOCKED);
  DELETE FROM failures WHERE key IN (SELECT key FROM failures
    ORDER BY last_ms DESC, key OFFSET max_keys FOR UPDATE SKIP LOCKED);
END $$;
`;
