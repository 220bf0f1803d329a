/** Functions that change names: each locks its account, decides, and writes. */
export const CHANGES = `
-- Whether a worker that runs holds one of the paths, or something below or above it.
CREATE FUNCTION is_held(of_owner int, VARIADIC paths text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM holds h JOIN holders w ON w.holder = h.holder
    WHERE h.owner = of_owner AND w.lease_until > now()
      AND EXISTS (SELECT FROM unnest(paths) AS p WHERE is_within(h.path, p) OR is_within(p, h.path)))
$$;

CREATE FUNCTION node_touch(VARIADIC directories bigint[]) RETURNS void LANGUAGE sql AS
$$ UPDATE nodes SET mtime_ms = clock_ms() WHERE id = ANY (directories) $$;

CREATE FUNCTION removal_note(of_owner int, at_path text, at_arrival bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO removals (owner, path_hash, arrival) VALUES (of_owner, sha256(convert_to(at_path, 'UTF8')), at_arrival)
  ON CONFLICT (owner, path_hash) DO UPDATE SET arrival = greatest(removals.arrival, excluded.arrival), at = now()
$$;

-- Whether a number was taken before another one. One that is more than a second ahead is of a server with another
-- clock, whose place this one has taken: nothing is known to be before it.
CREATE FUNCTION is_before(earlier bigint, later bigint) RETURNS boolean LANGUAGE sql VOLATILE AS
$$ SELECT later > earlier AND later <= (extract(epoch FROM clock_timestamp()) + 1) * 1000000 $$;

-- Whether something arrived clearly after a change was asked for, at a node that was frozen since: who asked may have
-- given up, and have stored it through another node. What came within a quarter of a second came at the same time.
CREATE FUNCTION is_overtaken(asked bigint, arrived bigint) RETURNS boolean LANGUAGE sql VOLATILE AS
$$ SELECT is_before(asked + 250000, arrived) $$;

-- Whether a path, or a directory above it, was removed after a number was taken.
CREATE FUNCTION was_removed(of_owner int, at_path text, since bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE place text := at_path;
BEGIN
  IF NOT EXISTS (SELECT FROM removals WHERE owner = of_owner AND arrival > since) THEN RETURN false; END IF;
  WHILE place <> '' LOOP
    IF EXISTS (SELECT FROM removals WHERE owner = of_owner AND path_hash = sha256(convert_to(place, 'UTF8'))
      AND is_before(since, arrival)) THEN RETURN true; END IF;
    place := regexp_replace(place, '/[^/]*$', '');
  END LOOP;
  RETURN false;
END $$;

-- The answer for a place where nothing can be put or found.
CREATE FUNCTION no_place(state text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('error', CASE WHEN state = 'in-file' THEN 'in-file' ELSE 'not-found' END)
$$;

CREATE FUNCTION tree_make_directory(of_name text, at_path text, last_name text, at_spelling text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state = 'found' THEN RETURN '{"error": "exists"}'; END IF;
  IF l.state <> 'missing' THEN RETURN no_place(l.state); END IF;
  INSERT INTO nodes (owner, parent, name, mtime_ms, spelling) VALUES (own, l.directory, last_name, clock_ms(), at_spelling);
  PERFORM node_touch(l.directory);
  RETURN '{}';
END $$;

CREATE FUNCTION tree_remove(of_name text, at_path text, seen jsonb, at_arrival bigint, asked bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record; file nodes; shares boolean;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  file := l.node;
  IF file.content IS NULL THEN RETURN '{"error": "is-directory"}'; END IF;
  IF is_held(own, at_path) THEN RETURN '{"held": true}'; END IF;
  IF is_overtaken(asked, l.arrived) THEN RETURN '{"overtaken": true}'; END IF;
  IF seen IS NOT NULL THEN
    IF NOT node_is(file, seen) THEN RETURN '{"changed": true}'; END IF;
  ELSE
    PERFORM removal_note(own, at_path, at_arrival);
  END IF;
  shares := grants_within(own, at_path);
  PERFORM grants_end(own, at_path);
  DELETE FROM nodes WHERE id = file.id;
  PERFORM node_touch(l.directory);
  UPDATE accounts SET used_bytes = used_bytes - file.size WHERE id = own;
  PERFORM uploads_uncover(own);
  PERFORM content_drop(file.content);
  RETURN jsonb_build_object('shares', shares);
END $$;

-- Cuts a tree off; it is taken apart later. @returns its bytes; null where something of it overtook the change
CREATE FUNCTION tree_doom(of_node bigint, asked bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE bytes bigint; arrived bigint;
BEGIN
  WITH RECURSIVE below AS (
    SELECT id, size, arrival FROM nodes WHERE id = of_node
    UNION ALL
    SELECT n.id, n.size, n.arrival FROM below JOIN nodes n ON n.parent = below.id)
  SELECT coalesce(sum(size), 0), max(arrival) INTO bytes, arrived FROM below;
  IF is_overtaken(asked, arrived) THEN RETURN NULL; END IF;
  UPDATE nodes SET parent = NULL WHERE id = of_node;
  INSERT INTO doomed VALUES (of_node);
  RETURN bytes;
END $$;

CREATE FUNCTION tree_remove_directory(of_name text, at_path text, is_recursive boolean, at_arrival bigint,
  asked bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record; freed bigint; shares boolean; dir nodes;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  dir := l.node;
  IF dir.content IS NOT NULL THEN RETURN '{"error": "not-directory"}'; END IF;
  IF at_path = '/' THEN RETURN '{"error": "root"}'; END IF;
  IF NOT is_recursive AND EXISTS (SELECT FROM nodes WHERE parent = dir.id) THEN RETURN '{"error": "not-empty"}'; END IF;
  IF is_held(own, at_path) THEN RETURN '{"held": true}'; END IF;
  freed := CASE WHEN NOT is_overtaken(asked, l.arrived) THEN tree_doom(dir.id, asked) END;
  IF freed IS NULL THEN RETURN '{"overtaken": true}'; END IF;
  PERFORM removal_note(own, at_path, at_arrival);
  shares := grants_within(own, at_path);
  PERFORM grants_end(own, at_path);
  PERFORM node_touch(l.directory);
  IF freed > 0 THEN UPDATE accounts SET used_bytes = used_bytes - freed WHERE id = own; END IF;
  PERFORM uploads_uncover(own);
  RETURN jsonb_build_object('shares', shares);
END $$;

-- q: {owner, from, to, name, replace, spelling, seen, arrival, asked}
CREATE FUNCTION tree_rename(q jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(q->>'owner'); from_path text := q->>'from'; to_path text := q->>'to';
  l record; t record; moved nodes; taken nodes; shares boolean;
BEGIN
  SELECT * INTO l FROM locate(own, from_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  moved := l.node;
  IF is_held(own, from_path, to_path) THEN RETURN '{"held": true}'; END IF;
  IF q->'seen' <> 'null' AND NOT node_is(moved, q->'seen') THEN RETURN '{"changed": true}'; END IF;
  IF from_path = '/' THEN RETURN '{"error": "root"}'; END IF;
  IF from_path = to_path THEN
    IF q->>'spelling' IS NOT NULL THEN UPDATE nodes SET spelling = q->>'spelling' WHERE id = moved.id; END IF;
    RETURN '{"shares": false}';
  END IF;
  IF is_within(to_path, from_path) THEN RETURN '{"error": "into-itself"}'; END IF;
  SELECT * INTO t FROM locate(own, to_path);
  IF t.state NOT IN ('found', 'missing') THEN RETURN no_place(t.state) || '{"to": true}'; END IF;
  taken := t.node;
  IF t.state = 'found' AND NOT ((q->>'replace')::boolean AND taken.content IS NOT NULL AND moved.content IS NOT NULL) THEN
    RETURN '{"error": "exists"}';
  END IF;
  IF is_overtaken((q->>'asked')::bigint, greatest(l.arrived, t.arrived)) THEN RETURN '{"overtaken": true}'; END IF;
  shares := grants_within(own, from_path) OR grants_within(own, to_path);
  IF t.state = 'found' THEN
    PERFORM grants_end(own, to_path);
    DELETE FROM nodes WHERE id = taken.id;
    UPDATE accounts SET used_bytes = used_bytes - taken.size WHERE id = own;
  END IF;
  UPDATE nodes SET parent = t.directory, name = q->>'name', spelling = q->>'spelling',
    arrival = greatest(arrival, (q->>'arrival')::bigint) WHERE id = moved.id;
  PERFORM node_touch(l.directory, t.directory);
  PERFORM grants_move(own, from_path, to_path);
  UPDATE uploads SET path = to_path || substr(path, length(from_path) + 1),
    shown_path = left(shown_path, length(shown_path) - length(path)) || to_path || substr(path, length(from_path) + 1)
    WHERE owner = own AND path <> from_path AND is_within(path, from_path);
  PERFORM uploads_uncover(own);
  IF t.state = 'found' THEN PERFORM content_drop(taken.content); END IF;
  RETURN jsonb_build_object('shares', shares);
END $$;

CREATE FUNCTION tree_retime(of_name text, at_path text, to_ms bigint, seen jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  IF is_held(own, at_path) THEN RETURN '{"held": true}'; END IF;
  IF seen IS NOT NULL AND NOT node_is(l.node, seen) THEN RETURN '{"changed": true}'; END IF;
  UPDATE nodes SET mtime_ms = to_ms WHERE id = (l.node).id;
  RETURN '{}';
END $$;

CREATE FUNCTION tree_set_mode(of_name text, at_path text, to_mode int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  UPDATE nodes SET mode = to_mode WHERE id = (l.node).id;
  RETURN '{}';
END $$;

-- record: {size, mtimeMs, hash, storedMs, damaged}
CREATE FUNCTION tree_note_damage(of_name text, at_path text, record jsonb, is_damaged boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record;
BEGIN
  SELECT * INTO l FROM locate(own, at_path);
  UPDATE nodes n SET damaged = is_damaged WHERE n.id = (l.node).id AND n.content IS NOT NULL
    AND n.size = (record->>'size')::bigint AND n.mtime_ms = (record->>'mtimeMs')::bigint
    AND n.hash = decode(record->>'hash', 'hex') AND n.stored_ms = (record->>'storedMs')::bigint
    AND n.damaged = (record->>'damaged')::boolean;
  RETURN '{}';
END $$;

-- Holds a path. {state, node, hold}
CREATE FUNCTION tree_hold(of_name text, at_path text, by_holder text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(of_name); l record; hold bigint;
BEGIN
  IF is_held(own, at_path) THEN RETURN '{"held": true}'; END IF;
  SELECT * INTO l FROM locate(own, at_path);
  IF l.state <> 'found' THEN RETURN no_place(l.state); END IF;
  INSERT INTO holds (owner, path, holder) VALUES (own, at_path, by_holder) RETURNING id INTO hold;
  RETURN jsonb_build_object('node', node_json(l.node), 'hold', hold);
END $$;
`;
