/** Upkeep of objects: fences between collectors and writers, and work that one node does at a time. */
import type { Migration } from "../postgres/migrations.ts";

const TABLES = `
-- Objects that a collector has deleted or is deleting. No content may name them any more.
CREATE TABLE collected (object text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX collected_by_time ON collected (at);

-- Uploads that have ended, whose objects are to be looked through: small ones are merged, and those
-- that killed writers left behind become garbage.
CREATE TABLE ended (content uuid PRIMARY KEY);

-- Work that one worker does at a time, and when it was done last.
CREATE TABLE chores (name text PRIMARY KEY, holder text, done timestamptz);
`;

const FUNCTIONS = `
-- Objects that have been garbage for a grace and that no segment names: their notes are removed, and
-- the caller deletes them. An object whose deletion fails is found again as an orphan.
CREATE OR REPLACE FUNCTION garbage_take(grace_ms bigint, most int) RETURNS SETOF text LANGUAGE sql AS $$
  WITH due AS (SELECT object FROM garbage WHERE since <= now() - grace_ms * interval '1 ms'
      ORDER BY since LIMIT most FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM garbage g USING due WHERE g.object = due.object RETURNING g.object)
  INSERT INTO collected (object)
    SELECT object FROM gone WHERE NOT EXISTS (SELECT FROM segments s WHERE s.object = gone.object)
  ON CONFLICT (object) DO UPDATE SET at = now() RETURNING object
$$;

-- Takes objects into use that content is about to name. Their notes as garbage are made and removed, so
-- that notes and collectors wait until the content is visible. @returns false where one was
-- collected
CREATE FUNCTION objects_claim(objects text[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO garbage (object) SELECT DISTINCT o FROM unnest(objects) AS o ORDER BY o
    ON CONFLICT (object) DO UPDATE SET since = now();
  DELETE FROM garbage WHERE object = ANY (objects);
  RETURN NOT EXISTS (SELECT FROM collected WHERE object = ANY (objects));
END $$;

CREATE FUNCTION pieces_claim(pieces jsonb) RETURNS boolean LANGUAGE sql AS
$$ SELECT objects_claim(ARRAY(SELECT DISTINCT p->>'object' FROM jsonb_array_elements(pieces) AS p)) $$;

-- publish(), where no object of the items was collected.
CREATE FUNCTION publish_sound(of_name text, items jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE objects text[];
BEGIN
  SELECT array_agg(DISTINCT p->>'object') INTO objects
    FROM jsonb_array_elements(items) AS q, jsonb_array_elements(q->'pieces') AS p;
  IF objects IS NOT NULL AND NOT objects_claim(objects) THEN
    RETURN (SELECT jsonb_agg('{"error": "collected"}'::jsonb) FROM jsonb_array_elements(items));
  END IF;
  RETURN publish(of_name, items);
END $$;

-- upload_checkpoint(), where no object of the pieces was collected.
CREATE FUNCTION upload_checkpoint_sound(of_upload uuid, by_writer int, from_byte bigint, pieces jsonb, to_byte bigint,
  to_hash text, at_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN pieces_claim(pieces) AND upload_checkpoint(of_upload, by_writer, from_byte, pieces, to_byte, to_hash, at_ms);
END $$;

-- What is known of objects. live: bytes that content names of it. state: live; due, garbage past its
-- grace; waiting, garbage within it; orphan.
CREATE FUNCTION objects_state(objects jsonb, grace_ms bigint)
RETURNS TABLE (object text, state text, live bigint) LANGUAGE sql STABLE AS $$
  SELECT o.object, CASE WHEN s.live IS NOT NULL THEN 'live' WHEN g.since IS NULL THEN 'orphan'
      WHEN g.since <= now() - grace_ms * interval '1 ms' THEN 'due' ELSE 'waiting' END, coalesce(s.live, 0)
  FROM jsonb_array_elements_text(objects) AS o(object)
    LEFT JOIN garbage g ON g.object = o.object
    LEFT JOIN LATERAL (SELECT sum(n.size)::bigint AS live FROM segments n WHERE n.object = o.object) AS s ON true
$$;

-- Notes objects as garbage that nothing names; those that are noted already keep their time.
CREATE FUNCTION orphans_note(objects jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE noted int;
BEGIN
  INSERT INTO garbage (object) SELECT o FROM jsonb_array_elements_text(objects) AS o
    WHERE NOT EXISTS (SELECT FROM segments s WHERE s.object = o) ORDER BY o
  ON CONFLICT (object) DO NOTHING;
  GET DIAGNOSTICS noted = ROW_COUNT;
  RETURN noted;
END $$;

-- One piece takes the place of several that hold the same bytes of content.
-- q: {content, to: end, objects: of the pieces in order, piece: {start, size, object, crc}}
CREATE FUNCTION segments_merge(q jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE c uuid := (q->>'content')::uuid; p jsonb := q->'piece'; begins bigint := (p->>'start')::bigint; found text[];
BEGIN
  IF NOT objects_claim(ARRAY[p->>'object']) THEN RETURN false; END IF;
  SELECT array_agg(s.object ORDER BY s.start) INTO found FROM (SELECT * FROM segments
    WHERE content = c AND start >= begins AND start < (q->>'to')::bigint ORDER BY start FOR UPDATE SKIP LOCKED) AS s;
  IF found IS DISTINCT FROM ARRAY(SELECT jsonb_array_elements_text(q->'objects'))
    OR EXISTS (SELECT FROM uploads WHERE id = c) THEN RETURN false; END IF;
  DELETE FROM segments WHERE content = c AND start > begins AND start < (q->>'to')::bigint;
  -- The row stays: one that is being removed with its content meanwhile takes the new object along.
  UPDATE segments SET size = (p->>'size')::bigint, object = p->>'object', object_from = 0,
    crc = (p->>'crc')::bigint, prefix_hash = NULL WHERE content = c AND start = begins;
  PERFORM garbage_note(found);
  RETURN true;
END $$;

-- Content is in another object from now on. rows: [{content, start, object, from, to}], to: where it
-- begins in the new object. @returns number of pieces
CREATE FUNCTION segments_move(rows jsonb, to_object text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE moved int;
BEGIN
  IF NOT objects_claim(ARRAY[to_object]) THEN RETURN 0; END IF;
  -- Those that are being removed stay where they are: it waits for no transaction that may wait for it.
  WITH wanted AS (SELECT * FROM jsonb_to_recordset(rows)
      AS r(content uuid, start bigint, object text, "from" bigint, "to" bigint)),
    free AS (SELECT s.content, s.start, w."to" FROM segments s JOIN wanted w ON s.content = w.content
      AND s.start = w.start AND s.object = w.object AND s.object_from = w."from" FOR UPDATE OF s SKIP LOCKED)
  UPDATE segments s SET object = to_object, object_from = f."to" FROM free f
    WHERE s.content = f.content AND s.start = f.start;
  GET DIAGNOSTICS moved = ROW_COUNT;
  PERFORM garbage_note(ARRAY(SELECT DISTINCT r->>'object' FROM jsonb_array_elements(rows) AS r)
    || CASE WHEN moved = 0 THEN ARRAY[to_object] ELSE '{}' END);
  RETURN moved;
END $$;

-- Begins work that no running worker does, and that was not done for a time. @returns whether it is ours
CREATE FUNCTION chore_begin(of_name text, by_holder text, every_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chores AS c (name, holder) VALUES (of_name, by_holder)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder
    WHERE (c.holder IS NULL OR c.holder = excluded.holder OR live_holder(c.holder) IS NULL)
      AND (c.done IS NULL OR c.done <= now() - every_ms * interval '1 ms');
  RETURN FOUND;
END $$;

CREATE FUNCTION chore_end(of_name text, by_holder text, is_done boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE chores SET holder = NULL, done = CASE WHEN is_done THEN now() ELSE done END
  WHERE name = of_name AND holder = by_holder
$$;

-- Removes notes that nothing needs any more.
CREATE OR REPLACE FUNCTION notes_trim() RETURNS void LANGUAGE sql AS $$
  DELETE FROM published WHERE at < now() - interval '1 hour';
  DELETE FROM removals WHERE at < now() - interval '1 day';
  DELETE FROM collected WHERE at < now() - interval '30 days'
$$;

-- Removes an upload with its content; by_writer null: of any writer.
CREATE OR REPLACE FUNCTION upload_drop(of_upload uuid, by_writer int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE own int := upload_lock(of_upload); u uploads;
BEGIN
  DELETE FROM uploads WHERE id = of_upload AND (by_writer IS NULL OR writer = by_writer) RETURNING * INTO u;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM content_drop(of_upload);
  IF u.writer > 1 THEN INSERT INTO ended VALUES (of_upload) ON CONFLICT DO NOTHING; END IF;
  UPDATE accounts SET reserved_bytes = reserved_bytes - u.reserved_bytes WHERE id = u.owner AND u.reserved_bytes <> 0;
  RETURN true;
END $$;
`;

export const UPKEEP_OF_OBJECTS: Migration = {
  number: 10,
  name: "upkeep of objects",
  sql: TABLES + FUNCTIONS,
};
