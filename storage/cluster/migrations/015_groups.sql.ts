/** Groups of accounts, and shares with them. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
CREATE TABLE account_groups (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name name_c NOT NULL UNIQUE,
  letters text NOT NULL,
  created_ms bigint NOT NULL
);
CREATE TABLE group_members (
  account int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  member_of int NOT NULL REFERENCES account_groups (id) ON DELETE CASCADE,
  PRIMARY KEY (account, member_of)
);
CREATE INDEX group_members_by_group ON group_members (member_of, account);

-- Cached accounts have their groups.
CREATE TRIGGER groups_changed AFTER UPDATE OR DELETE ON account_groups
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();
CREATE TRIGGER members_changed AFTER INSERT OR DELETE ON group_members
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();

-- The groups of an account, by name.
CREATE FUNCTION groups_of(of_account int) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_object('name', g.name, 'letters', g.letters) ORDER BY g.name), '[]')
  FROM group_members m JOIN account_groups g ON g.id = m.member_of WHERE m.account = of_account
$$;

-- Guests of the shares that are with an account: itself, everybody, and its groups.
CREATE FUNCTION guests_of(of_name text) RETURNS SETOF name_c LANGUAGE sql STABLE ROWS 3 AS $$
  SELECT of_name::name_c UNION SELECT '*'::name_c UNION
  SELECT ('@' || g.name)::name_c FROM accounts a JOIN group_members m ON m.account = a.id
    JOIN account_groups g ON g.id = m.member_of WHERE a.name = of_name
$$;

CREATE FUNCTION group_join(of_name text, of_account text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE own int; other int;
BEGIN
  SELECT id INTO own FROM account_groups WHERE name = of_name FOR SHARE;
  IF NOT FOUND THEN RETURN 'no-group'; END IF;
  -- A removal of the account waits, or is seen.
  SELECT id INTO other FROM accounts WHERE name = of_account AND password_hash <> '!' FOR SHARE;
  IF NOT FOUND THEN RETURN 'no-account'; END IF;
  INSERT INTO group_members VALUES (other, own) ON CONFLICT DO NOTHING;
  RETURN 'done';
END $$;

-- @returns whether there was one
CREATE FUNCTION group_remove(of_name text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  -- A share that is being made waits, and finds no group then.
  PERFORM 1 FROM account_groups WHERE name = of_name FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM shares WHERE guest_name = '@' || of_name;
  DELETE FROM account_groups WHERE name = of_name;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION share_put(q jsonb, of_generation bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int; other accounts;
BEGIN
  -- Locked in the order of ids. A password change or removal waits, or is seen.
  PERFORM 1 FROM accounts WHERE name IN (q->>'owner', q->>'guest') ORDER BY id FOR SHARE;
  SELECT id INTO own FROM accounts WHERE name = q->>'owner' AND generation = of_generation;
  IF NOT FOUND OR q->>'owner' = q->>'guest' THEN RETURN false; END IF;
  IF q->>'guest' LIKE '@%' THEN
    PERFORM 1 FROM account_groups WHERE name = substr(q->>'guest', 2) FOR SHARE;
    IF NOT FOUND THEN RETURN false; END IF;
  ELSIF q->>'guest' <> '*' THEN
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

-- A retired account is in no group.
CREATE FUNCTION leave_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM group_members WHERE account = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER account_retired_leaves AFTER UPDATE OF password_hash ON accounts
  FOR EACH ROW WHEN (NEW.password_hash = '!') EXECUTE FUNCTION leave_groups();
`;

export const GROUPS: Migration = { number: 15, name: "groups", sql: SQL };
