/** Functions that find names. */
export const NAMES = `
-- A node as a caller sees it.
CREATE FUNCTION node_json(n nodes) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('id', n.id, 'name', n.name, 'content', n.content,
    'size', n.size, 'hash', encode(n.hash, 'hex'), 'crc', n.crc, 'mtimeMs', n.mtime_ms,
    'storedMs', n.stored_ms, 'damaged', n.damaged, 'tag', n.tag, 'mode', n.mode, 'spelling', n.spelling))
$$;

-- Whether a node is still in the state in which a caller saw it.
CREATE FUNCTION node_is(n nodes, seen jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT n.id IS NOT DISTINCT FROM (seen->>'id')::bigint
    AND n.content IS NOT DISTINCT FROM (seen->>'content')::uuid
    AND (n.content IS NULL OR (n.mtime_ms = (seen->>'mtimeMs')::bigint AND n.damaged = (seen->>'damaged')::boolean))
$$;

-- Follows a path. state: found; missing, with the directory that does not have the name; no-directory,
-- where one above is missing; in-file, where one above is a file. arrival: the latest of all on the way.
CREATE FUNCTION locate(of_owner int, at_path text, OUT node nodes, OUT directory bigint, OUT arrived bigint,
  OUT state text) LANGUAGE plpgsql STABLE AS $$
DECLARE pieces text[]; last int;
BEGIN
  SELECT n.* INTO node FROM accounts a JOIN nodes n ON n.id = a.root WHERE a.id = of_owner;
  IF NOT FOUND THEN state := 'no-directory'; RETURN; END IF;
  state := 'found';
  arrived := node.arrival;
  IF at_path = '/' THEN RETURN; END IF;
  pieces := string_to_array(substr(at_path, 2), '/');
  last := cardinality(pieces);
  FOR i IN 1..last LOOP
    IF node.content IS NOT NULL THEN state := 'in-file'; node := NULL; RETURN; END IF;
    directory := node.id;
    SELECT n.* INTO node FROM nodes n WHERE n.parent = directory AND n.name = pieces[i];
    IF NOT FOUND THEN
      state := CASE WHEN i = last THEN 'missing' ELSE 'no-directory' END;
      node := NULL;
      RETURN;
    END IF;
    arrived := greatest(arrived, node.arrival);
  END LOOP;
END $$;

-- Id of an account.
CREATE FUNCTION account_id(of_name text) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT id FROM accounts WHERE name = of_name $$;

-- Locks an account for a change of its tree or its uploads: no two happen at once.
CREATE FUNCTION account_lock(of_name text) RETURNS int LANGUAGE sql AS
$$ SELECT id FROM accounts WHERE name = of_name FOR NO KEY UPDATE $$;

-- {state, node}
CREATE FUNCTION tree_look(of_name text, at_path text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('state', l.state, 'node', CASE WHEN l.state = 'found' THEN node_json(l.node) END)
  FROM locate(account_id(of_name), at_path) AS l
$$;

-- {state, node, pieces}
CREATE FUNCTION tree_open(of_name text, at_path text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('state', l.state, 'node', CASE WHEN l.state = 'found' THEN node_json(l.node) END,
    'pieces', CASE WHEN (l.node).content IS NOT NULL THEN content_pieces((l.node).content) END)
  FROM locate(account_id(of_name), at_path) AS l
$$;

-- {state, node, nodes}: those of a directory's names that are there.
-- As json: jsonb takes half as long again for many.
CREATE FUNCTION tree_list(of_name text, at_path text, some_names jsonb) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('state', l.state, 'node', CASE WHEN l.state = 'found' THEN node_json(l.node) END,
    'nodes', (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('id', n.id, 'name', n.name,
        'content', n.content, 'size', n.size, 'hash', encode(n.hash, 'hex'), 'crc', n.crc, 'mtimeMs', n.mtime_ms,
        'storedMs', n.stored_ms, 'damaged', n.damaged, 'tag', n.tag, 'mode', n.mode, 'spelling', n.spelling))
        ORDER BY wanted.place), '[]')
      FROM jsonb_array_elements_text(some_names) WITH ORDINALITY AS wanted(name, place)
      JOIN nodes n ON n.parent = (l.node).id AND n.name = wanted.name))
  FROM locate(account_id(of_name), at_path) AS l
$$;

-- {state, node, names: [[name, is a file], ...]}: names behind one, in order.
CREATE FUNCTION tree_names(of_name text, at_path text, prefix text, behind text, most int) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE l record; found jsonb;
BEGIN
  SELECT * INTO l FROM locate(account_id(of_name), at_path);
  IF l.state = 'found' THEN
    -- No name has more than 255 bytes: none that begins with the prefix is above this.
    SELECT coalesce(jsonb_agg(jsonb_build_array(page.name, page.is_file)), '[]') INTO found FROM (
      SELECT n.name, n.content IS NOT NULL AS is_file FROM nodes n
      WHERE n.parent = (l.node).id AND n.name >= prefix AND n.name <= prefix || repeat(chr(1114111), 64)
        AND (behind IS NULL OR n.name > behind)
      ORDER BY n.name LIMIT most) AS page;
  END IF;
  RETURN jsonb_build_object('state', l.state, 'node', CASE WHEN l.state = 'found' THEN node_json(l.node) END,
    'names', found);
END $$;

-- A node's path in its account's tree.
CREATE FUNCTION node_path(of_node bigint) RETURNS text LANGUAGE sql STABLE AS $$
  WITH RECURSIVE up AS (
    SELECT id, parent, name::text AS path, 1 AS depth FROM nodes WHERE id = of_node
    UNION ALL
    SELECT n.id, n.parent, CASE WHEN n.parent IS NULL THEN '/' || up.path ELSE n.name || '/' || up.path END, up.depth + 1
    FROM up JOIN nodes n ON n.id = up.parent)
  SELECT CASE WHEN depth = 1 THEN '/' ELSE path END FROM up ORDER BY depth DESC LIMIT 1
$$;

-- The version that a name is of stem and extension: 1 for the plain name, null for another one's.
CREATE FUNCTION version_of(name text, stem text, extension text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE digits text;
BEGIN
  IF name = stem || extension THEN RETURN 1; END IF;
  IF NOT starts_with(name, stem || '_v') OR right(name, length(extension)) <> extension THEN RETURN NULL; END IF;
  IF length(name) < length(stem) + 3 + length(extension) THEN RETURN NULL; END IF;
  digits := substr(name, length(stem) + 3, length(name) - length(stem) - 2 - length(extension));
  IF digits !~ '^[1-9][0-9]{0,15}$' OR digits = '1' OR digits::bigint > 9007199254740991 THEN RETURN NULL; END IF;
  RETURN digits::bigint;
END $$;

-- One more than the highest version in a directory.
CREATE FUNCTION next_version(in_directory bigint, stem text, extension text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT 1 + greatest(1, max(version_of(n.name, stem, extension))) FROM nodes n
  WHERE n.parent = in_directory AND n.name >= stem || '_v' AND n.name < stem || '_w'
$$;
`;
