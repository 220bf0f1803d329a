/** Functions of unfinished uploads: what they reserve, who writes them, what is safe of them. */
export const UPLOADS = `
-- A worker that runs, by its lease.
CREATE FUNCTION live_holder(of_holder text) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT holder FROM holders WHERE holder = of_holder AND lease_until > now() $$;

-- An upload as a caller sees it. A holder that does not run any more is none.
CREATE FUNCTION upload_json(u uploads) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', replace(u.id::text, '-', ''), 'owner', o.name, 'account', a.name,
      'path', u.path, 'shownPath', u.shown_path, 'sizeBytes', u.size_bytes, 'hash', u.hash, 'mtimeMs', u.mtime_ms,
      'ifExists', u.if_exists, 'appendsTo', u.appends_to, 'createdMs', u.created_ms, 'updatedMs', u.updated_ms,
      'offsetBytes', u.offset_bytes, 'offsetHash', encode(u.offset_hash, 'hex'),
      'reservedBytes', u.reserved_bytes, 'writer', u.writer, 'holder', live_holder(u.holder))
    || jsonb_strip_nulls(jsonb_build_object('mode', u.mode, 'spelling', u.spelling))
  FROM accounts o, accounts a WHERE o.id = u.owner AND a.id = u.account
$$;

-- Renews a lease. @returns a time that never goes back, µs since the Unix epoch
CREATE FUNCTION holder_renew(of_holder text, lease_ms bigint) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO holders VALUES (of_holder, now() + lease_ms * interval '1 ms')
  ON CONFLICT (holder) DO UPDATE SET lease_until = excluded.lease_until;
  UPDATE cluster_clock SET latest = greatest(latest, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
  RETURNING latest
$$;

-- Bytes that replacing the present file will free, less what other uploads to it have claimed.
CREATE FUNCTION upload_cover(u uploads, wanted bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE l record; elsewhere bigint;
BEGIN
  IF u.if_exists <> 'overwrite' THEN RETURN 0; END IF;
  SELECT * INTO l FROM locate(u.owner, u.path);
  IF l.state <> 'found' OR (l.node).content IS NULL THEN RETURN 0; END IF;
  SELECT coalesce(sum(o.covered_bytes), 0) INTO elsewhere FROM uploads o
    WHERE o.owner = u.owner AND o.path = u.path AND o.id <> u.id;
  RETURN greatest(0, least(wanted, (l.node).size - elsewhere));
END $$;

-- Sets the reservation of an upload whose account is locked. @returns whether the quota allows it
CREATE FUNCTION upload_hold_bytes(u uploads, wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE room bigint; covered bigint; more bigint;
BEGIN
  SELECT coalesce(quota_bytes, 9007199254740991) - used_bytes - reserved_bytes INTO room
    FROM accounts WHERE id = u.owner;
  -- Beyond the quota a file makes no room: uploads over renamed ones could go on without end.
  covered := CASE WHEN room + u.reserved_bytes >= 0 THEN upload_cover(u, wanted) ELSE 0 END;
  more := wanted - covered - u.reserved_bytes;
  IF more > 0 AND more > room THEN RETURN false; END IF;
  UPDATE uploads SET reserved_bytes = wanted - covered, covered_bytes = covered WHERE id = u.id;
  IF more <> 0 THEN UPDATE accounts SET reserved_bytes = reserved_bytes + more WHERE id = u.owner; END IF;
  RETURN true;
END $$;

-- Uploads over files that are gone, elsewhere or smaller by now reserve what these gave them.
-- @returns bytes that are reserved in addition
CREATE FUNCTION uploads_uncover(of_owner int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE more bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM uploads WHERE owner = of_owner AND covered_bytes > 0) THEN RETURN 0; END IF;
  WITH covering AS (SELECT u.path, sum(u.covered_bytes) AS bytes FROM uploads u
      WHERE u.owner = of_owner AND u.covered_bytes > 0 GROUP BY u.path),
    void AS (SELECT c.path FROM covering c CROSS JOIN LATERAL locate(of_owner, c.path) AS l
      WHERE c.bytes > CASE WHEN (l.node).content IS NULL THEN 0 ELSE (l.node).size END),
    before AS (SELECT u.id, u.covered_bytes FROM uploads u JOIN void v ON v.path = u.path
      WHERE u.owner = of_owner AND u.covered_bytes > 0),
    changed AS (UPDATE uploads u SET reserved_bytes = u.reserved_bytes + b.covered_bytes, covered_bytes = 0
      FROM before b WHERE u.id = b.id RETURNING b.covered_bytes AS bytes)
  SELECT sum(bytes) INTO more FROM changed;
  IF more > 0 THEN UPDATE accounts SET reserved_bytes = reserved_bytes + more WHERE id = of_owner; END IF;
  RETURN coalesce(more, 0);
END $$;

-- Leaves a record of a new upload. q: an upload as upload_json has it. {kept, error}
CREATE FUNCTION upload_keep(q jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE own int := account_lock(q->>'owner'); sender int := account_id(q->>'account'); u uploads;
BEGIN
  IF own IS NULL OR sender IS NULL THEN RETURN '{"kept": false}'; END IF;
  SELECT * INTO u FROM uploads WHERE id = (q->>'id')::uuid;
  IF FOUND THEN RETURN jsonb_build_object('kept', u.writer = (q->>'writer')::int); END IF;
  INSERT INTO uploads (id, owner, account, path, shown_path, size_bytes, hash, mtime_ms, mode, spelling, if_exists,
      appends_to, created_ms, updated_ms, reserved_bytes, writer, holder)
    VALUES ((q->>'id')::uuid, own, sender, q->>'path', q->>'shownPath', (q->>'sizeBytes')::bigint, q->>'hash',
      (q->>'mtimeMs')::bigint, (q->>'mode')::int, q->>'spelling', q->>'ifExists', q->>'appendsTo',
      (q->>'createdMs')::bigint, (q->>'updatedMs')::bigint, 0, (q->>'writer')::int, q->>'holder')
    RETURNING * INTO u;
  IF NOT upload_hold_bytes(u, (q->>'reservedBytes')::bigint) THEN
    DELETE FROM uploads WHERE id = u.id;
    RETURN '{"kept": false}';
  END IF;
  RETURN '{"kept": true}';
END $$;

-- The account whose bytes an upload uses, locked.
CREATE FUNCTION upload_lock(of_upload uuid) RETURNS int LANGUAGE sql AS $$
  SELECT id FROM accounts WHERE id = (SELECT owner FROM uploads WHERE id = of_upload) FOR NO KEY UPDATE
$$;

CREATE FUNCTION upload_reserve(of_upload uuid, by_writer int, wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int := upload_lock(of_upload); u uploads;
BEGIN
  SELECT * INTO u FROM uploads WHERE id = of_upload AND writer = by_writer FOR UPDATE;
  RETURN FOUND AND upload_hold_bytes(u, wanted);
END $$;

-- Becomes the writer, in place of any other. {upload, before: the worker that may still write}
CREATE FUNCTION upload_take(of_upload uuid, by_holder text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE u uploads; before text;
BEGIN
  SELECT live_holder(holder) INTO before FROM uploads WHERE id = of_upload FOR UPDATE;
  UPDATE uploads SET writer = writer + 1, holder = by_holder WHERE id = of_upload RETURNING * INTO u;
  IF NOT FOUND THEN RETURN NULL; END IF;
  RETURN jsonb_build_object('upload', upload_json(u), 'before', before);
END $$;

-- Safe content: {upload, pieces: [[size, object, from, crc, hash of the content up to its end], ...]}
CREATE FUNCTION upload_content(of_upload uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('upload', upload_json(u), 'pieces', (
    SELECT coalesce(jsonb_agg(jsonb_build_array(size, object, object_from, crc, encode(prefix_hash, 'hex')) ORDER BY start), '[]')
    FROM segments WHERE content = u.id)) FROM uploads u WHERE u.id = of_upload
$$;

-- Makes content safe: all from an offset on is replaced by pieces. @returns false for another's upload
CREATE FUNCTION upload_checkpoint(of_upload uuid, by_writer int, from_byte bigint, pieces jsonb, to_byte bigint,
  to_hash text, at_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE uploads SET offset_bytes = to_byte, offset_hash = decode(to_hash, 'hex'), updated_ms = greatest(updated_ms, at_ms)
    WHERE id = of_upload AND writer = by_writer;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM content_set(of_upload, from_byte, pieces);
  RETURN true;
END $$;

-- Cuts content back to the last checkpoint at or before an offset. @returns its bytes; null: another's
CREATE FUNCTION upload_cut(of_upload uuid, by_writer int, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE s segments; bytes bigint := 0;
BEGIN
  PERFORM FROM uploads WHERE id = of_upload AND writer = by_writer FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT * INTO s FROM segments WHERE content = of_upload AND start + size <= most AND prefix_hash IS NOT NULL
    ORDER BY start DESC LIMIT 1;
  IF FOUND THEN bytes := s.start + s.size; END IF;
  UPDATE uploads SET offset_bytes = bytes, offset_hash = s.prefix_hash WHERE id = of_upload AND offset_bytes <> bytes;
  PERFORM content_set(of_upload, bytes, '[]');
  RETURN bytes;
END $$;

CREATE FUNCTION upload_announce(of_upload uuid, by_writer int, whole jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE uploads SET size_bytes = coalesce((whole->>'sizeBytes')::bigint, size_bytes), hash = coalesce(whole->>'hash', hash)
    WHERE id = of_upload AND writer = by_writer;
  RETURN FOUND;
END $$;

-- Ends a writer's turn; the upload keeps some bytes reserved.
CREATE FUNCTION upload_release(of_upload uuid, by_writer int, wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE own int := upload_lock(of_upload); u uploads;
BEGIN
  SELECT * INTO u FROM uploads WHERE id = of_upload AND writer = by_writer FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM upload_hold_bytes(u, wanted);
  UPDATE uploads SET holder = NULL WHERE id = u.id;
END $$;

-- Removes an upload with its content; by_writer null: of any writer.
CREATE FUNCTION upload_drop(of_upload uuid, by_writer int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int := upload_lock(of_upload); u uploads;
BEGIN
  DELETE FROM uploads WHERE id = of_upload AND (by_writer IS NULL OR writer = by_writer) RETURNING * INTO u;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM content_drop(of_upload);
  UPDATE accounts SET reserved_bytes = reserved_bytes - u.reserved_bytes WHERE id = u.owner AND u.reserved_bytes <> 0;
  RETURN true;
END $$;
`;
