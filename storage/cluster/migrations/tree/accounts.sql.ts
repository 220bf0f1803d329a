/** Functions that add and remove accounts. */
export const ACCOUNTS = `
-- Keeps others from changing who is an administrator until this transaction ends.
CREATE FUNCTION administrators_lock() RETURNS void LANGUAGE sql AS
$$ SELECT pg_advisory_xact_lock(7068417002) $$;

-- Whether an account is the only administrator. Called with the lock above.
CREATE FUNCTION is_last_administrator(of_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM accounts WHERE name = of_name AND letters LIKE '%t%')
    AND NOT EXISTS (SELECT FROM accounts WHERE name <> of_name AND letters LIKE '%t%')
$$;

-- q: {name, passwordHash, letters, quotaBytes, createdMs, lastLoginMs, generation}
CREATE FUNCTION account_add(q jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int; top bigint; former bigint;
BEGIN
  SELECT f.generation + 1 INTO former FROM former_accounts f WHERE f.name = q->>'name';
  INSERT INTO accounts (name, password_hash, letters, quota_bytes, created_ms, last_login_ms, generation, root)
    VALUES (q->>'name', q->>'passwordHash', q->>'letters', (q->>'quotaBytes')::bigint, (q->>'createdMs')::bigint,
      (q->>'lastLoginMs')::bigint, greatest((q->>'generation')::bigint, former), 0)
    ON CONFLICT (name) DO NOTHING RETURNING id INTO own;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO nodes (owner, parent, name, mtime_ms) VALUES (own, NULL, q->>'name', clock_ms()) RETURNING id INTO top;
  UPDATE accounts SET root = top WHERE id = own;
  RETURN true;
END $$;

-- The first step of a removal: no login succeeds any more. @returns done, unknown or last-administrator
CREATE FUNCTION account_retire(of_name text, by_holder text, even_last boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE own int;
BEGIN
  PERFORM administrators_lock();
  IF NOT even_last AND is_last_administrator(of_name) THEN RETURN 'last-administrator'; END IF;
  UPDATE accounts SET password_hash = '!', letters = '', generation = generation + 1, removed_by = by_holder
    WHERE name = of_name RETURNING id INTO own;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  PERFORM grants_retire(own);
  RETURN 'done';
END $$;

-- Unfinished uploads of an account, and into its tree.
CREATE FUNCTION account_uploads(of_name text) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT u.id FROM uploads u, accounts a WHERE a.name = of_name AND (u.owner = a.id OR u.account = a.id) $$;

-- The last step of a removal; the account has no uploads any more.
CREATE FUNCTION account_remove(of_name text, keeps_files boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE own accounts;
BEGIN
  SELECT * INTO own FROM accounts WHERE name = of_name FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO former_accounts VALUES (own.name, own.generation)
    ON CONFLICT (name) DO UPDATE SET generation = excluded.generation;
  IF keeps_files THEN INSERT INTO kept_trees VALUES (own.root, own.name, clock_ms());
  ELSE INSERT INTO doomed VALUES (own.root);
  END IF;
  DELETE FROM holds WHERE owner = own.id;
  DELETE FROM removals WHERE owner = own.id;
  DELETE FROM accounts WHERE id = own.id;
END $$;

-- Trees of removed accounts, with their files and bytes.
CREATE FUNCTION kept_list() RETURNS TABLE (id bigint, name text, removed_ms bigint, files bigint, bytes bigint)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE below AS (
    SELECT k.root AS top, k.root AS node FROM kept_trees k
    UNION ALL
    SELECT b.top, n.id FROM below b JOIN nodes n ON n.parent = b.node)
  SELECT k.root, k.name, k.removed_ms, count(n.content), coalesce(sum(n.size), 0)::bigint
  FROM kept_trees k JOIN below b ON b.top = k.root JOIN nodes n ON n.id = b.node
  GROUP BY k.root ORDER BY k.removed_ms, k.root
$$;

-- Gives a tree up; it is taken apart later. @returns whether there was one
CREATE FUNCTION kept_remove(of_root bigint) RETURNS boolean LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM kept_trees WHERE root = of_root RETURNING root)
  INSERT INTO doomed SELECT root FROM gone RETURNING true
$$;

-- Puts a tree into an account, as a directory at its top. @returns '', or why not
CREATE FUNCTION kept_restore(of_root bigint, of_name text, max_path int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE own accounts; tree kept_trees; moved bigint; longest int;
BEGIN
  SELECT * INTO own FROM accounts WHERE name = of_name FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'no-account'; END IF;
  SELECT * INTO tree FROM kept_trees WHERE root = of_root FOR UPDATE;
  IF NOT FOUND THEN RETURN 'not-found'; END IF;
  IF EXISTS (SELECT FROM nodes WHERE parent = own.root AND name = tree.name) THEN RETURN 'exists'; END IF;
  WITH RECURSIVE below AS (
    SELECT id, size, octet_length(tree.name) + 1 AS bytes FROM nodes WHERE id = of_root
    UNION ALL
    SELECT n.id, n.size, b.bytes + octet_length(n.name) + 1 FROM below b JOIN nodes n ON n.parent = b.id)
  SELECT coalesce(sum(size), 0), max(bytes) INTO moved, longest FROM below;
  IF longest > max_path THEN RETURN 'too-long'; END IF;
  IF moved > 0 AND own.used_bytes + own.reserved_bytes + moved > own.quota_bytes THEN RETURN 'quota'; END IF;
  WITH RECURSIVE below AS (
    SELECT id FROM nodes WHERE id = of_root
    UNION ALL
    SELECT n.id FROM below b JOIN nodes n ON n.parent = b.id)
  UPDATE nodes n SET owner = own.id FROM below b WHERE n.id = b.id;
  UPDATE nodes SET parent = own.root, name = tree.name, mtime_ms = clock_ms() WHERE id = of_root;
  UPDATE accounts SET used_bytes = used_bytes + moved WHERE id = own.id;
  DELETE FROM kept_trees WHERE root = of_root;
  RETURN '';
END $$;
`;
