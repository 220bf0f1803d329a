/** Functions of the upkeep: each does a bounded piece of work, and may run on several nodes at once. */
export const UPKEEP = `
-- Takes trees apart that no name leads to. @returns whether there is more
CREATE FUNCTION doomed_sweep(most int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE top nodes; child nodes; rest int := most; has_children boolean; gone dropped[] := '{}';
BEGIN
  WHILE rest > 0 LOOP
    SELECT n.* INTO top FROM doomed d JOIN nodes n ON n.id = d.node ORDER BY d.node LIMIT 1 FOR UPDATE OF d SKIP LOCKED;
    IF NOT FOUND THEN
      PERFORM garbage_add(gone);
      RETURN false;
    END IF;
    has_children := false;
    IF top.content IS NULL THEN
      FOR child IN SELECT * FROM nodes n WHERE n.parent = top.id LIMIT rest LOOP
        has_children := true;
        rest := rest - 1;
        IF child.content IS NULL THEN
          UPDATE nodes SET parent = NULL WHERE id = child.id;
          INSERT INTO doomed VALUES (child.id);
        ELSE
          DELETE FROM nodes WHERE id = child.id;
          gone := gone || content_take(child.content);
        END IF;
      END LOOP;
    ELSE
      gone := gone || content_take(top.content);
    END IF;
    IF NOT has_children THEN
      rest := rest - 1;
      DELETE FROM doomed WHERE node = top.id;
      DELETE FROM nodes WHERE id = top.id;
    END IF;
  END LOOP;
  PERFORM garbage_add(gone);
  RETURN true;
END $$;

-- Objects that have been garbage for a grace and that no segment names: their notes are removed, and
-- the caller deletes them. An object whose deletion fails is found again as an orphan.
CREATE FUNCTION garbage_take(grace_ms bigint, most int) RETURNS SETOF text LANGUAGE sql AS $$
  WITH due AS (SELECT object FROM garbage WHERE since <= now() - grace_ms * interval '1 ms'
      ORDER BY since LIMIT most FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM garbage g USING due WHERE g.object = due.object RETURNING g.object)
  SELECT object FROM gone WHERE NOT EXISTS (SELECT FROM segments s WHERE s.object = gone.object)
$$;

-- Whether objects have been garbage for a grace.
CREATE FUNCTION garbage_due(grace_ms bigint) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM garbage WHERE since <= now() - grace_ms * interval '1 ms') $$;

-- Suspended uploads that were last touched before a time, with their owners.
CREATE FUNCTION uploads_silent(before_ms bigint, most int) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT id FROM uploads WHERE updated_ms < before_ms AND live_holder(holder) IS NULL ORDER BY updated_ms LIMIT most
$$;

-- Removes an upload that is still suspended and silent.
CREATE FUNCTION upload_expire(of_upload uuid, before_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int := upload_lock(of_upload); u uploads;
BEGIN
  SELECT * INTO u FROM uploads WHERE id = of_upload AND updated_ms < before_ms AND live_holder(holder) IS NULL FOR UPDATE;
  RETURN FOUND AND upload_drop(of_upload, u.writer);
END $$;

-- Lowers an account's reservations for uploads that were last touched before a time to their safe bytes.
CREATE FUNCTION uploads_shrink(of_account int, before_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE freed bigint;
BEGIN
  PERFORM FROM accounts WHERE id = of_account FOR NO KEY UPDATE;
  WITH silent AS (SELECT id, reserved_bytes FROM uploads WHERE owner = of_account AND updated_ms < before_ms
      AND reserved_bytes > offset_bytes FOR UPDATE),
    changed AS (UPDATE uploads u SET reserved_bytes = u.offset_bytes FROM silent s WHERE u.id = s.id
      RETURNING s.reserved_bytes - u.reserved_bytes AS bytes)
  SELECT sum(bytes) INTO freed FROM changed;
  IF freed > 0 THEN UPDATE accounts SET reserved_bytes = reserved_bytes - freed WHERE id = of_account; END IF;
END $$;

-- Ends what workers held that do not run any more; null: all whose lease is over. @returns number of uploads
CREATE FUNCTION holders_end(ended jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE names text[]; uploads_freed int;
BEGIN
  IF ended IS NULL THEN
    SELECT array_agg(holder) INTO names FROM holders WHERE lease_until <= now();
  ELSE
    SELECT array_agg(value) INTO names FROM jsonb_array_elements_text(ended);
  END IF;
  -- Rows of uploads are locked below their accounts', as everywhere.
  PERFORM FROM accounts WHERE id IN (SELECT owner FROM uploads WHERE holder = ANY (names))
    ORDER BY id FOR NO KEY UPDATE;
  -- One that is only frozen is fenced off.
  UPDATE uploads SET holder = NULL, writer = writer + 1 WHERE holder = ANY (names);
  GET DIAGNOSTICS uploads_freed = ROW_COUNT;
  DELETE FROM holds WHERE holder = ANY (names);
  DELETE FROM holders WHERE holder = ANY (names);
  RETURN uploads_freed;
END $$;

-- Removes notes that nothing needs any more.
CREATE FUNCTION notes_trim() RETURNS void LANGUAGE sql AS $$
  DELETE FROM published WHERE at < now() - interval '1 hour';
  DELETE FROM removals WHERE at < now() - interval '1 day'
$$;

-- Uploads that were dated while the clock was ahead.
CREATE FUNCTION uploads_redate(now_ms bigint) RETURNS void LANGUAGE sql AS $$
  SELECT FROM accounts ORDER BY id FOR NO KEY UPDATE;
  UPDATE uploads SET created_ms = least(created_ms, now_ms), updated_ms = least(updated_ms, now_ms)
  WHERE created_ms > now_ms OR updated_ms > now_ms
$$;

-- A page of an account's files in order of their ids, with their objects: [[id, path, objects], ...]
CREATE FUNCTION files_page(of_name text, behind bigint, most int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_array(f.id, node_path(f.id), (SELECT coalesce(jsonb_agg(DISTINCT s.object), '[]')
    FROM segments s WHERE s.content = f.content)) ORDER BY f.id), '[]')
  FROM (SELECT id, content FROM nodes WHERE owner = account_id(of_name) AND content IS NOT NULL AND id > behind
    ORDER BY id LIMIT most) AS f
$$;
`;
