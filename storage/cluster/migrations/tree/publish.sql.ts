/** Publishing uploads: one transaction in one round trip, in which everything is decided. */
export const PUBLISH = `
-- A file as the answer of a publication.
CREATE FUNCTION published_json(n nodes) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('name', n.name, 'size', n.size, 'hash', encode(n.hash, 'hex'), 'mtimeMs', n.mtime_ms,
    'storedMs', n.stored_ms, 'damaged', n.damaged)
$$;

-- The file of a directory that an upload with a tag and content became less than an hour ago.
CREATE FUNCTION stored_in(in_directory bigint, of_tag text, of_hash text, stem text, extension text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT published_json(n) || '{"repeated": true}' FROM nodes n
  WHERE n.parent = in_directory AND n.tag = of_tag AND n.hash = decode(of_hash, 'hex') AND n.content IS NOT NULL
    AND n.stored_ms > clock_ms() - 3600000 AND version_of(n.name, stem, extension) IS NOT NULL
  LIMIT 1
$$;

CREATE FUNCTION tree_stored(of_name text, at_path text, of_tag text, of_hash text, stem text, extension text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT stored_in(l.directory, of_tag, of_hash, stem, extension) FROM locate(account_id(of_name), at_path) AS l
  WHERE l.state = 'found'
$$;

-- Publishes uploads of one owner, each for itself. An item: {id, writer: null without a record, path, directory,
-- name, stem, extension, size, hash, crc, mtimeMs, updatedMs, mode, spelling, ifExists, appendsTo, tag, occupied,
-- arrival, sure: it was compared with the clock just now, pinned, seen, from: first byte of the pieces, pieces, again: it may have been published before}.
-- An answer: a file, or {error}, or {changed: true}, where the name is not as it was seen, or {unsure: true},
-- where the name was changed later than the upload arrived, if the caller's clock is right.
CREATE FUNCTION publish(of_name text, items jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  own accounts; q jsonb; answer jsonb; answers jsonb[] := '{}';
  room bigint; grown bigint := 0; freed bigint := 0; directories bigint[] := '{}';
  up uploads; is_recorded boolean; l record; dir_path text; dir_id bigint; dir_arrived bigint; dir_state text;
  taken nodes; is_taken boolean; replaces boolean; is_late boolean; is_replaced boolean; is_kept boolean;
  needed bigint; growth bigint; version bigint; file nodes; at_ms bigint := clock_ms(); new_name text;
  gone dropped[] := '{}';
BEGIN
  SELECT * INTO own FROM accounts a WHERE a.name = of_name FOR NO KEY UPDATE;
  room := coalesce(own.quota_bytes, 9007199254740991) - own.used_bytes - own.reserved_bytes;
  FOR q IN SELECT value FROM jsonb_array_elements(items) LOOP
    answer := NULL;
    <<one>> BEGIN
      is_recorded := q->>'writer' IS NOT NULL;
      up := NULL;
      IF (q->>'again')::boolean THEN
        SELECT p.answer INTO answer FROM published p WHERE p.upload = (q->>'id')::uuid;
        EXIT one WHEN FOUND;
        -- The table of answers does not survive a crash of the database; the file does.
        SELECT published_json(n) INTO answer FROM nodes n WHERE n.content = (q->>'id')::uuid;
        EXIT one WHEN FOUND;
      END IF;
      IF is_recorded THEN
        SELECT * INTO up FROM uploads u WHERE u.id = (q->>'id')::uuid AND u.writer = (q->>'writer')::int FOR UPDATE;
        IF NOT FOUND THEN answer := '{"error": "aborted"}'; EXIT one; END IF;
      END IF;
      IF dir_path IS DISTINCT FROM q->>'directory' THEN
        dir_path := q->>'directory';
        SELECT * INTO l FROM locate(own.id, dir_path);
        dir_id := (l.node).id; dir_arrived := l.arrived;
        dir_state := CASE WHEN l.state = 'found' AND (l.node).content IS NOT NULL THEN 'in-file' ELSE l.state END;
      END IF;
      IF dir_state <> 'found' THEN answer := no_place(dir_state); EXIT one; END IF;
      SELECT * INTO taken FROM nodes n WHERE n.parent = dir_id AND n.name = q->>'name';
      is_taken := FOUND;
      replaces := q->>'ifExists' IN ('overwrite', 'keep');
      IF is_taken AND q->>'tag' IS NOT NULL AND (NOT replaces OR (q->>'occupied')::boolean) THEN
        answer := stored_in(dir_id, q->>'tag', q->>'hash', q->>'stem', q->>'extension');
        EXIT one WHEN answer IS NOT NULL;
      END IF;
      IF is_taken AND taken.content IS NULL THEN
        answer := CASE WHEN q->>'ifExists' = 'fail' THEN '{"error": "exists"}' ELSE '{"error": "is-directory"}' END;
        EXIT one;
      END IF;
      IF is_taken AND q->>'ifExists' = 'fail' THEN answer := '{"error": "exists"}'; EXIT one; END IF;
      IF (q->>'pinned')::boolean AND NOT (CASE WHEN is_taken THEN coalesce(node_is(taken, q->'seen'), false)
        ELSE q->>'seen' IS NULL END) THEN answer := '{"changed": true}'; EXIT one; END IF;
      IF q->>'appendsTo' IS NOT NULL AND q->>'appendsTo' <> (CASE WHEN is_taken THEN encode(taken.hash, 'hex') ELSE '' END) THEN
        answer := '{"error": "changed"}'; EXIT one;
      END IF;
      IF is_taken AND coalesce(taken.spelling, taken.name) <> q->>'spelling' THEN answer := '{"error": "form"}'; EXIT one; END IF;
      is_late := replaces AND NOT (q->>'pinned')::boolean AND q->>'appendsTo' IS NULL AND q->>'arrival' IS NOT NULL
        AND CASE WHEN is_taken THEN is_before((q->>'arrival')::bigint, greatest(taken.arrival, dir_arrived))
          ELSE was_removed(own.id, q->>'path', (q->>'arrival')::bigint) END;
      IF is_late AND NOT coalesce((q->>'sure')::boolean, false) THEN
        answer := '{"unsure": true}'; EXIT one;
      END IF;
      IF is_late AND q->>'ifExists' = 'overwrite' THEN
        answer := jsonb_build_object('name', q->>'name', 'size', (q->>'size')::bigint, 'hash', q->>'hash',
          'mtimeMs', coalesce((q->>'mtimeMs')::bigint, at_ms), 'storedMs', at_ms, 'damaged', false, 'late', true);
        EXIT one;
      END IF;
      is_replaced := replaces AND is_taken AND NOT is_late;
      is_kept := is_replaced AND q->>'ifExists' = 'keep' AND taken.hash <> decode(q->>'hash', 'hex');
      growth := (q->>'size')::bigint - CASE WHEN is_replaced AND NOT is_kept THEN taken.size ELSE 0 END;
      needed := growth - coalesce(up.reserved_bytes, 0);
      -- Above the quota, what an upload reserved was not within it either.
      IF (needed > 0 AND needed > room)
        OR (growth > 0 AND room < 0 AND own.used_bytes + grown + growth > own.quota_bytes) THEN
        answer := CASE WHEN q->>'tag' IS NOT NULL THEN stored_in(dir_id, q->>'tag', q->>'hash', q->>'stem', q->>'extension') END;
        answer := coalesce(answer, '{"error": "quota"}'); EXIT one;
      END IF;
      new_name := q->>'name';
      IF is_kept OR NOT (is_replaced OR (NOT is_taken AND NOT is_late)) THEN
        version := next_version(dir_id, q->>'stem', q->>'extension');
        new_name := (q->>'stem') || '_v' || version || (q->>'extension');
        IF version > 9007199254740991 OR octet_length(new_name) > 255 THEN
          answer := jsonb_build_object('error', 'bad-name', 'version', version); EXIT one;
        END IF;
      END IF;
      IF is_kept THEN
        INSERT INTO nodes (owner, parent, name, content, size, hash, crc, mtime_ms, stored_ms, damaged, tag, mode, spelling, arrival)
          VALUES (taken.owner, dir_id, new_name, taken.content, taken.size, taken.hash, taken.crc, taken.mtime_ms,
            taken.stored_ms, taken.damaged, taken.tag, taken.mode, NULL, taken.arrival);
      ELSIF is_replaced THEN
        gone := gone || content_take(taken.content);
      END IF;
      file := NULL;
      IF is_replaced THEN
        UPDATE nodes n SET content = (q->>'id')::uuid, size = (q->>'size')::bigint, hash = decode(q->>'hash', 'hex'),
            crc = (q->>'crc')::bigint, mtime_ms = coalesce((q->>'mtimeMs')::bigint, at_ms),
            stored_ms = greatest(at_ms, (q->>'updatedMs')::bigint), damaged = false, tag = q->>'tag',
            mode = coalesce((q->>'mode')::int, n.mode), spelling = q->>'spelling', arrival = coalesce((q->>'arrival')::bigint, 0)
          WHERE n.id = taken.id RETURNING * INTO file;
      ELSE
        INSERT INTO nodes (owner, parent, name, content, size, hash, crc, mtime_ms, stored_ms, tag, mode, spelling, arrival)
          VALUES (own.id, dir_id, new_name, (q->>'id')::uuid, (q->>'size')::bigint, decode(q->>'hash', 'hex'),
            (q->>'crc')::bigint, coalesce((q->>'mtimeMs')::bigint, at_ms), greatest(at_ms, (q->>'updatedMs')::bigint),
            q->>'tag', (q->>'mode')::int, q->>'spelling', coalesce((q->>'arrival')::bigint, 0))
          RETURNING * INTO file;
      END IF;
      IF is_recorded THEN
        gone := gone || content_replace(up.id, (q->>'from')::bigint, q->'pieces');
        DELETE FROM uploads WHERE id = up.id;
        freed := freed + up.reserved_bytes;
      ELSE
        INSERT INTO segments (content, start, size, object, object_from, crc)
          SELECT (q->>'id')::uuid, p.start, p.size, p.object, p."from", p.crc
          FROM jsonb_to_recordset(q->'pieces') AS p(start bigint, size bigint, object text, "from" bigint, crc bigint);
      END IF;
      grown := grown + growth;
      room := room - needed;
      -- Others that were to replace the same file may get less from it: they reserve that now.
      IF is_replaced THEN room := room - uploads_uncover(own.id); END IF;
      IF NOT dir_id = ANY (directories) THEN directories := directories || dir_id; END IF;
      answer := published_json(file);
      INSERT INTO published (upload, answer) VALUES ((q->>'id')::uuid, answer) ON CONFLICT DO NOTHING;
      answers := answers || answer;
      CONTINUE;
    END one;
    -- It is no file of its own: one that is stored already, or is replaced already, needs no upload any more.
    IF answer->>'repeated' IS NOT NULL OR answer->>'late' IS NOT NULL THEN
      gone := gone || ARRAY(SELECT ROW(p->>'object', (p->>'size')::bigint)::dropped FROM jsonb_array_elements(q->'pieces') AS p);
      IF up.id IS NOT NULL THEN
        gone := gone || content_take(up.id);
        DELETE FROM uploads WHERE id = up.id;
        freed := freed + up.reserved_bytes;
        room := room + up.reserved_bytes;
      END IF;
      INSERT INTO published (upload, answer) VALUES ((q->>'id')::uuid, answer) ON CONFLICT DO NOTHING;
    END IF;
    answers := answers || answer;
  END LOOP;
  UPDATE nodes SET mtime_ms = at_ms WHERE id = ANY (directories);
  IF grown <> 0 OR freed <> 0 THEN
    UPDATE accounts SET used_bytes = used_bytes + grown, reserved_bytes = reserved_bytes - freed WHERE id = own.id;
  END IF;
  PERFORM uploads_uncover(own.id);
  PERFORM garbage_add(gone);
  RETURN to_jsonb(answers);
END $$;
`;
