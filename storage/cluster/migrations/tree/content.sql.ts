/** Functions of content: its segments, and objects that become garbage. */
export const CONTENT = `
-- Milliseconds since the Unix epoch by this server's clock.
CREATE FUNCTION clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- Notes objects as garbage. Whether a segment still names one is looked up when it is to be deleted.
CREATE FUNCTION garbage_note(objects text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO garbage (object) SELECT DISTINCT o FROM unnest(objects) AS o ORDER BY o
  ON CONFLICT (object) DO UPDATE SET since = now()
$$;

-- Removes content.
CREATE FUNCTION content_drop(of_content uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE objects text[];
BEGIN
  WITH gone AS (DELETE FROM segments s WHERE s.content = of_content RETURNING s.object)
  SELECT array_agg(object) INTO objects FROM gone;
  IF objects IS NOT NULL THEN PERFORM garbage_note(objects); END IF;
END $$;

-- Replaces all of content from an offset on. pieces: [{start, size, object, from, crc, hash}].
CREATE FUNCTION content_set(of_content uuid, from_byte bigint, pieces jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE objects text[];
BEGIN
  WITH gone AS (DELETE FROM segments s WHERE s.content = of_content AND s.start >= from_byte RETURNING s.object)
  SELECT array_agg(object) INTO objects FROM gone;
  UPDATE segments s SET size = from_byte - s.start, crc = NULL, prefix_hash = NULL
    WHERE s.content = of_content AND s.start < from_byte AND s.start + s.size > from_byte;
  INSERT INTO segments (content, start, size, object, object_from, crc, prefix_hash)
    SELECT of_content, p.start, p.size, p.object, p."from", p.crc, decode(p.hash, 'hex')
    FROM jsonb_to_recordset(pieces) AS p(start bigint, size bigint, object text, "from" bigint, crc bigint, hash text);
  IF objects IS NOT NULL THEN PERFORM garbage_note(objects); END IF;
END $$;

-- Content as its readers need it: [[size, object, from, crc], ...] in order.
CREATE FUNCTION content_pieces(of_content uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_array(size, object, object_from, crc) ORDER BY start), '[]')
  FROM segments WHERE content = of_content
$$;
`;
