/** Restoring of kept trees, which locks an account for a moment only. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
-- Makes a kept tree a directory of an account. All that takes time is done before the account is
-- locked: nothing else reaches the tree meanwhile. @returns '', or why not
CREATE OR REPLACE FUNCTION kept_restore(of_root bigint, of_name text, max_path int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE own accounts; tree kept_trees; moved bigint; longest int; refusal text;
BEGIN
  SELECT * INTO own FROM accounts WHERE name = of_name;
  IF NOT FOUND THEN RETURN 'no-account'; END IF;
  SELECT * INTO tree FROM kept_trees WHERE root = of_root FOR UPDATE;
  IF NOT FOUND THEN RETURN 'not-found'; END IF;
  WITH RECURSIVE below AS (
    SELECT id, size, octet_length(tree.name) + 1 AS bytes FROM nodes WHERE id = of_root
    UNION ALL
    SELECT n.id, n.size, b.bytes + octet_length(n.name) + 1 FROM below b JOIN nodes n ON n.parent = b.id)
  SELECT coalesce(sum(size), 0), max(bytes) INTO moved, longest FROM below;
  IF longest > max_path THEN RETURN 'too-long'; END IF;
  refusal := kept_refusal(own, tree, moved);
  IF refusal <> '' THEN RETURN refusal; END IF;
  BEGIN
    WITH RECURSIVE below AS (
      SELECT id FROM nodes WHERE id = of_root
      UNION ALL
      SELECT n.id FROM below b JOIN nodes n ON n.parent = b.id)
    UPDATE nodes n SET owner = own.id FROM below b WHERE n.id = b.id;
    SELECT * INTO own FROM accounts WHERE id = own.id FOR NO KEY UPDATE;
    refusal := CASE WHEN FOUND THEN kept_refusal(own, tree, moved) ELSE 'no-account' END;
    -- What was changed above is taken back.
    IF refusal <> '' THEN RAISE EXCEPTION USING ERRCODE = 'TP001'; END IF;
    UPDATE nodes SET parent = own.root, name = tree.name, mtime_ms = clock_ms() WHERE id = of_root;
    UPDATE accounts SET used_bytes = used_bytes + moved WHERE id = own.id;
  EXCEPTION WHEN SQLSTATE 'TP001' THEN
    RETURN refusal;
  END;
  DELETE FROM kept_trees WHERE root = of_root;
  RETURN '';
END $$;

-- Why an account cannot take a tree; '': it can.
CREATE FUNCTION kept_refusal(own accounts, tree kept_trees, moved bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM nodes WHERE parent = own.root AND name = tree.name) THEN 'exists'
    WHEN moved > 0 AND own.used_bytes + own.reserved_bytes + moved > own.quota_bytes THEN 'quota'
    ELSE '' END
$$;
`;

export const KEPT: Migration = { number: 16, name: "restoring of kept trees", sql: SQL };
