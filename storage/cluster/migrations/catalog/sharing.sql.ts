/**
 * Tables of shares and links, which refer to files and directories by their paths. The tree calls the
 * functions when it removes or renames: they replace those of its own migration.
 *
 * Paths may be longer than a key of an index, so that indexes hold their first 600 characters. The
 * order of beginnings is that of paths, therefore each search also bounds the beginnings.
 */
export const SHARING = `
CREATE TABLE shares (
  id text NOT NULL UNIQUE,
  owner int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  owner_name name_c NOT NULL,
  path name_c NOT NULL,
  -- Null: everybody.
  guest int REFERENCES accounts (id) ON DELETE CASCADE,
  guest_name name_c NOT NULL,
  letters text NOT NULL,
  directory boolean NOT NULL,
  created_ms bigint NOT NULL,
  expires_ms bigint
);
CREATE UNIQUE INDEX shares_once ON shares (owner, md5(path), guest_name);
CREATE INDEX shares_by_owner ON shares (owner, left(path, 600));
CREATE INDEX shares_by_guest ON shares (guest_name, owner_name, left(path, 600));
CREATE INDEX shares_by_guest_account ON shares (guest);
CREATE INDEX shares_by_time ON shares (guest_name, created_ms);
CREATE INDEX shares_by_expiry ON shares (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE links (
  id text PRIMARY KEY,
  owner int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  path name_c NOT NULL,
  directory boolean NOT NULL,
  hash text NOT NULL UNIQUE,
  key text NOT NULL,
  label text NOT NULL,
  password_hash text,
  pinned_hash text,
  max_downloads bigint,
  downloads bigint NOT NULL,
  created_ms bigint NOT NULL,
  last_used_ms bigint,
  expires_ms bigint
) WITH (fillfactor = 80);
CREATE INDEX links_by_owner ON links (owner, created_ms, id);
CREATE INDEX links_by_path ON links (owner, left(path, 600));
CREATE INDEX links_by_expiry ON links (expires_ms) WHERE expires_ms IS NOT NULL;

-- Reads and writes of shares.
CREATE FUNCTION share_put(q jsonb, of_generation bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int; other accounts;
BEGIN
  -- Locked in the order of ids. A password change or removal waits, or is seen.
  PERFORM 1 FROM accounts WHERE name IN (q->>'owner', q->>'guest') ORDER BY id FOR SHARE;
  SELECT id INTO own FROM accounts WHERE name = q->>'owner' AND generation = of_generation;
  IF NOT FOUND OR q->>'owner' = q->>'guest' THEN RETURN false; END IF;
  IF q->>'guest' <> '*' THEN
    SELECT * INTO other FROM accounts WHERE name = q->>'guest' AND password_hash <> '!';
    IF NOT FOUND THEN RETURN false; END IF;
  END IF;
  INSERT INTO shares VALUES (q->>'id', own, q->>'owner', q->>'path', other.id, q->>'guest',
      q->>'letters', (q->>'directory')::boolean, (q->>'createdMs')::bigint, (q->>'expiresMs')::bigint)
    ON CONFLICT (owner, md5(path), guest_name) DO UPDATE SET
      letters = excluded.letters, directory = excluded.directory,
      created_ms = excluded.created_ms, expires_ms = excluded.expires_ms;
  RETURN true;
END $$;

-- Whether a path is at or below another one, with bounds that an index answers.
CREATE OR REPLACE FUNCTION grants_within(of_owner int, at_path text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM shares WHERE owner = of_owner AND is_within(path, at_path)
    AND (at_path = '/' OR left(path, 600) BETWEEN left(at_path, 600) AND left(at_path || '0', 600)))
$$;

CREATE OR REPLACE FUNCTION grants_end(of_owner int, at_path text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM shares WHERE owner = of_owner AND is_within(path, at_path)
    AND (at_path = '/' OR left(path, 600) BETWEEN left(at_path, 600) AND left(at_path || '0', 600));
  DELETE FROM links WHERE owner = of_owner AND is_within(path, at_path)
    AND (at_path = '/' OR left(path, 600) BETWEEN left(at_path, 600) AND left(at_path || '0', 600));
END $$;

CREATE OR REPLACE FUNCTION grants_move(of_owner int, from_path text, to_path text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE shares SET path = to_path || substr(path, length(from_path) + 1)
    WHERE owner = of_owner AND is_within(path, from_path)
      AND left(path, 600) BETWEEN left(from_path, 600) AND left(from_path || '0', 600);
  UPDATE links SET path = to_path || substr(path, length(from_path) + 1)
    WHERE owner = of_owner AND is_within(path, from_path)
      AND left(path, 600) BETWEEN left(from_path, 600) AND left(from_path || '0', 600);
END $$;

CREATE OR REPLACE FUNCTION grants_retire(of_account int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM tokens WHERE account = of_account;
  DELETE FROM shares WHERE owner = of_account;
  DELETE FROM shares WHERE guest = of_account;
  DELETE FROM links WHERE owner = of_account;
  DELETE FROM web_sessions WHERE account = of_account;
  DELETE FROM upload_notes WHERE account = of_account;
  DELETE FROM account_limits WHERE account = of_account;
END $$;
`;
