/** Accounts that are disabled or expire. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
ALTER TABLE accounts ADD COLUMN disabled boolean NOT NULL DEFAULT false;
-- Null: never.
ALTER TABLE accounts ADD COLUMN expires_ms bigint;

CREATE OR REPLACE FUNCTION is_last_administrator(of_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM accounts WHERE name = of_name AND letters LIKE '%t%' AND NOT disabled
      AND expires_ms IS NULL)
    AND NOT EXISTS (SELECT FROM accounts WHERE name <> of_name AND letters LIKE '%t%' AND NOT disabled
      AND expires_ms IS NULL)
$$;

-- new_disabled: null leaves it as it is.
CREATE FUNCTION account_set_validity(of_name text, new_disabled boolean, sets_expiry boolean, new_expires bigint)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM administrators_lock();
  IF (new_disabled OR sets_expiry AND new_expires IS NOT NULL) AND is_last_administrator(of_name) THEN
    RETURN 'last-administrator';
  END IF;
  UPDATE accounts SET disabled = coalesce(new_disabled, disabled),
      expires_ms = CASE WHEN sets_expiry THEN new_expires ELSE expires_ms END,
      generation = generation + CASE WHEN new_disabled AND NOT disabled THEN 1 ELSE 0 END
    WHERE name = of_name;
  RETURN CASE WHEN FOUND THEN 'done' ELSE 'unknown' END;
END $$;

-- q: {name, passwordHash, letters, quotaBytes, createdMs, lastLoginMs, generation, disabled?, expiresMs?}
CREATE OR REPLACE FUNCTION account_add(q jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int; top bigint; former bigint;
BEGIN
  SELECT f.generation + 1 INTO former FROM former_accounts f WHERE f.name = q->>'name';
  INSERT INTO accounts (name, password_hash, letters, quota_bytes, created_ms, last_login_ms, generation, root,
      disabled, expires_ms)
    VALUES (q->>'name', q->>'passwordHash', q->>'letters', (q->>'quotaBytes')::bigint, (q->>'createdMs')::bigint,
      (q->>'lastLoginMs')::bigint, greatest((q->>'generation')::bigint, former), 0,
      coalesce((q->>'disabled')::boolean, false), (q->>'expiresMs')::bigint)
    ON CONFLICT (name) DO NOTHING RETURNING id INTO own;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO nodes (owner, parent, name, mtime_ms) VALUES (own, NULL, q->>'name', clock_ms()) RETURNING id INTO top;
  UPDATE accounts SET root = top WHERE id = own;
  RETURN true;
END $$;

CREATE TRIGGER account_validity_changed AFTER UPDATE OF disabled, expires_ms ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();
`;

export const VALIDITY: Migration = { number: 12, name: "validity", sql: SQL };
