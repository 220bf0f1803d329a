/** Changes of accounts, each one transaction, and notifications of them to all processes. */
export const ACCOUNT_CHANGES = `
CREATE FUNCTION account_set_letters(of_name text, new_letters text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM administrators_lock();
  IF new_letters NOT LIKE '%t%' AND is_last_administrator(of_name) THEN
    RETURN 'last-administrator';
  END IF;
  UPDATE accounts SET letters = new_letters WHERE name = of_name;
  RETURN CASE WHEN FOUND THEN 'done' ELSE 'unknown' END;
END $$;

-- @returns the new generation; null: nothing was changed
CREATE FUNCTION account_set_password(of_name text, new_hash text, of_generation bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE own int; grown bigint;
BEGIN
  UPDATE accounts SET password_hash = new_hash, generation = generation + 1
    WHERE name = of_name AND generation = coalesce(of_generation, generation)
    RETURNING id, generation INTO own, grown;
  IF FOUND THEN DELETE FROM tokens WHERE account = own; END IF;
  RETURN grown;
END $$;

-- Caches of accounts and tokens end. A commit with a notification waits for others, so that only
-- changes that a login depends on notify.
CREATE FUNCTION notify_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('towpath_accounts', '');
  RETURN NULL;
END $$;
CREATE TRIGGER account_changed
  AFTER UPDATE OF password_hash, letters, quota_bytes, generation ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();
CREATE TRIGGER account_added AFTER INSERT OR DELETE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();
CREATE TRIGGER token_removed AFTER DELETE ON tokens
  FOR EACH STATEMENT EXECUTE FUNCTION notify_accounts();

-- Times after now, which the clock wrote while it was ahead: what ends lasts as long as it would have.
CREATE FUNCTION catalog_redate(now_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tokens', 'shares', 'links', 'web_sessions', 'bans'] LOOP
    EXECUTE format('UPDATE %I SET expires_ms = expires_ms - created_ms + $1, created_ms = $1
      WHERE created_ms > $1', t) USING now_ms;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['tokens', 'links', 'web_sessions'] LOOP
    EXECUTE format('UPDATE %I SET last_used_ms = $1 WHERE last_used_ms > $1', t) USING now_ms;
  END LOOP;
  UPDATE accounts SET last_login_ms = now_ms WHERE last_login_ms > now_ms;
  UPDATE upload_notes SET at_ms = now_ms WHERE at_ms > now_ms;
  UPDATE failures SET last_ms = now_ms WHERE last_ms > now_ms;
END $$;
`;
