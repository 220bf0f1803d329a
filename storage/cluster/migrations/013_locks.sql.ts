/**
 * Locks of paths. A change asks for them in its own transaction, after it has locked the account's
 * row, which taking a lock does as well: a change is decided before a lock is taken, or refused.
 */
import type { Migration } from "../postgres/migrations.ts";

const TABLE = `
CREATE TABLE locks (
  owner int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  owner_name name_c NOT NULL,
  path name_c NOT NULL,
  -- The holder.
  account int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  account_name name_c NOT NULL,
  note text NOT NULL,
  created_ms bigint NOT NULL,
  expires_ms bigint NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX locks_once ON locks (owner, md5(path));
CREATE INDEX locks_by_account ON locks (account);
CREATE INDEX locks_by_expiry ON locks (expires_ms);

CREATE FUNCTION lock_json(l locks) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('owner', l.owner_name, 'path', l.path, 'account', l.account_name, 'note', l.note,
    'createdMs', l.created_ms, 'expiresMs', l.expires_ms)
$$;

-- The account's removal has begun.
CREATE FUNCTION locks_retire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM locks WHERE owner = NEW.id OR account = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER account_retired AFTER UPDATE OF password_hash ON accounts
  FOR EACH ROW WHEN (NEW.password_hash = '!') EXECUTE FUNCTION locks_retire();
`;

const DECISIONS = `
-- {locked, at} where an account may not change paths: another one's lock is at one of them or above it, or below it where
-- a change takes that along. Null: it may. The caller has locked the owner's row.
CREATE FUNCTION lock_refusal(own int, by_account text, with_below boolean, VARIADIC paths text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE l record;
BEGIN
  IF by_account IS NULL OR NOT EXISTS (SELECT FROM locks WHERE owner = own) THEN RETURN NULL; END IF;
  SELECT p AS at, lock_json(k) AS lock INTO l FROM unnest(paths) AS p JOIN locks k ON is_within(p, k.path) OR (with_below AND is_within(k.path, p))
    WHERE k.owner = own AND k.account_name <> by_account AND k.expires_ms > clock_ms() ORDER BY k.path LIMIT 1;
  RETURN CASE WHEN FOUND THEN jsonb_build_object('locked', l.lock, 'at', l.at) END;
END $$;

CREATE FUNCTION locks_end(own int, at_path text) RETURNS void LANGUAGE sql AS
$$ DELETE FROM locks WHERE owner = own AND is_within(path, at_path) $$;

-- {state, lock}: taken, locked, unknown, too-many.
CREATE FUNCTION lock_take(q jsonb, max_locks int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own accounts; holder accounts; mine locks; refusal jsonb; held bigint;
BEGIN
  -- Locked in the order of ids. A removal waits, or is seen.
  PERFORM 1 FROM accounts WHERE name IN (q->>'owner', q->>'account') ORDER BY id FOR NO KEY UPDATE;
  SELECT * INTO own FROM accounts WHERE name = q->>'owner' AND password_hash <> '!';
  IF NOT FOUND THEN RETURN '{"state": "unknown"}'; END IF;
  SELECT * INTO holder FROM accounts WHERE name = q->>'account' AND password_hash <> '!';
  IF NOT FOUND THEN RETURN '{"state": "unknown"}'; END IF;
  refusal := lock_refusal(own.id, holder.name, true, q->>'path');
  IF refusal IS NOT NULL THEN RETURN jsonb_build_object('state', 'locked', 'lock', refusal->'locked'); END IF;
  SELECT * INTO mine FROM locks WHERE owner = own.id AND md5(path) = md5(q->>'path') AND path = q->>'path';
  SELECT count(*) INTO held FROM locks WHERE account = holder.id AND expires_ms > (q->>'createdMs')::bigint;
  IF held >= max_locks AND NOT coalesce(mine.account = holder.id AND mine.expires_ms > (q->>'createdMs')::bigint, false) THEN
    RETURN '{"state": "too-many"}';
  END IF;
  INSERT INTO locks VALUES (own.id, own.name, q->>'path', holder.id, holder.name, q->>'note',
      (q->>'createdMs')::bigint, (q->>'expiresMs')::bigint)
    ON CONFLICT (owner, md5(path)) DO UPDATE SET account = excluded.account, account_name = excluded.account_name,
      note = excluded.note, created_ms = excluded.created_ms, expires_ms = excluded.expires_ms;
  RETURN '{"state": "taken"}';
END $$;
`;

const CHANGES = `
-- The functions of the tree, for an account that may be kept out by locks; they go along with the names.
CREATE FUNCTION free_make_directory(of_name text, at_path text, last_name text, at_spelling text, by_account text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name);
BEGIN
  RETURN coalesce(lock_refusal(own, by_account, false, at_path),
    tree_make_directory(of_name, at_path, last_name, at_spelling));
END $$;

CREATE FUNCTION free_remove(of_name text, at_path text, seen jsonb, at_arrival bigint, asked bigint, by_account text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); answer jsonb := lock_refusal(own, by_account, true, at_path);
BEGIN
  IF answer IS NOT NULL THEN RETURN answer; END IF;
  answer := tree_remove(of_name, at_path, seen, at_arrival, asked);
  IF answer ? 'shares' THEN PERFORM locks_end(own, at_path); END IF;
  RETURN answer;
END $$;

CREATE FUNCTION free_remove_directory(of_name text, at_path text, is_recursive boolean, at_arrival bigint, asked bigint,
  by_account text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); answer jsonb := lock_refusal(own, by_account, true, at_path);
BEGIN
  IF answer IS NOT NULL THEN RETURN answer; END IF;
  answer := tree_remove_directory(of_name, at_path, is_recursive, at_arrival, asked);
  IF answer ? 'shares' THEN PERFORM locks_end(own, at_path); END IF;
  RETURN answer;
END $$;

-- A lock of the name that a file takes stays, unless the file brings its own.
CREATE FUNCTION free_rename(q jsonb, by_account text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(q->>'owner'); from_path text := q->>'from'; to_path text := q->>'to';
  answer jsonb := lock_refusal(own, by_account, true, from_path, to_path);
BEGIN
  IF answer IS NOT NULL THEN RETURN answer; END IF;
  answer := tree_rename(q);
  IF answer ? 'shares' AND from_path <> to_path AND EXISTS (SELECT FROM locks WHERE owner = own) THEN
    DELETE FROM locks WHERE owner = own AND md5(path) IN (
      SELECT md5(to_path || substr(path, length(from_path) + 1)) FROM locks
      WHERE owner = own AND is_within(path, from_path));
    UPDATE locks SET path = to_path || substr(path, length(from_path) + 1)
      WHERE owner = own AND is_within(path, from_path);
  END IF;
  RETURN answer;
END $$;

CREATE FUNCTION free_retime(of_name text, at_path text, to_ms bigint, seen jsonb, by_account text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name);
BEGIN
  RETURN coalesce(lock_refusal(own, by_account, false, at_path), tree_retime(of_name, at_path, to_ms, seen));
END $$;

CREATE FUNCTION free_set_mode(of_name text, at_path text, to_mode int, by_account text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name);
BEGIN
  RETURN coalesce(lock_refusal(own, by_account, false, at_path), tree_set_mode(of_name, at_path, to_mode));
END $$;

-- publish_sound(), but for items whose names others have locked. An item that was published before the answer was lost
-- is no new change.
CREATE FUNCTION publish_free(of_name text, items jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int; answers jsonb; free jsonb; published jsonb; next int := 0; i int; refusals jsonb[] := '{}'; q jsonb;
BEGIN
  IF NOT pieces_claim((SELECT coalesce(jsonb_agg(p), '[]') FROM jsonb_array_elements(items) AS item,
    jsonb_array_elements(item->'pieces') AS p)) THEN
    RETURN (SELECT jsonb_agg('{"error": "collected"}'::jsonb) FROM jsonb_array_elements(items));
  END IF;
  own := account_lock(of_name);
  IF NOT EXISTS (SELECT FROM locks WHERE owner = own) THEN RETURN publish(of_name, items); END IF;
  free := '[]';
  FOR q IN SELECT value FROM jsonb_array_elements(items) LOOP
    refusals := refusals || CASE WHEN (q->>'again')::boolean
        AND (EXISTS (SELECT FROM published p WHERE p.upload = (q->>'id')::uuid)
          OR EXISTS (SELECT FROM nodes n WHERE n.content = (q->>'id')::uuid)) THEN 'null'::jsonb
      ELSE coalesce(lock_refusal(own, q->>'account', false, q->>'path'), 'null') END;
    IF refusals[array_length(refusals, 1)] = 'null' THEN free := free || jsonb_build_array(q); END IF;
  END LOOP;
  published := CASE WHEN free = '[]' THEN '[]' ELSE publish(of_name, free) END;
  answers := '[]';
  FOR i IN 1 .. coalesce(array_length(refusals, 1), 0) LOOP
    IF refusals[i] = 'null' THEN
      answers := answers || jsonb_build_array(published->next);
      next := next + 1;
    ELSE
      answers := answers || jsonb_build_array('{"error": "locked"}'::jsonb || refusals[i]);
    END IF;
  END LOOP;
  RETURN answers;
END $$;
`;

export const LOCKS: Migration = {
  number: 13,
  name: "locks",
  sql: [TABLE, DECISIONS, CHANGES].join("\n"),
};
