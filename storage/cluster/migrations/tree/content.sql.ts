/** Functions of content: its segments, and objects that become garbage. */
export const CONTENT = `
-- Milliseconds since the Unix epoch by this server's clock.
CREATE FUNCTION clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- Notes objects as garbage. Whether a segment still names one is looked up when it is to be deleted.
-- Accounts share objects: a transaction notes all at once and in the order of their names, so that no
-- two wait for each other.
CREATE FUNCTION garbage_add(objects dropped[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO garbage AS g (object, bytes) SELECT d.object, sum(d.bytes) FROM unnest(objects) AS d
    GROUP BY d.object ORDER BY d.object
  ON CONFLICT (object) DO UPDATE SET since = now(), bytes = g.bytes + excluded.bytes
$$;

-- As above, where it is not known how many bytes.
CREATE FUNCTION garbage_note(objects text[]) RETURNS void LANGUAGE sql AS
$$ SELECT garbage_add(ARRAY(SELECT ROW(o, 0)::dropped FROM unnest(objects) AS o)) $$;

-- Removes content. @returns what the caller notes as garbage
CREATE FUNCTION content_take(of_content uuid) RETURNS dropped[] LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM segments s WHERE s.content = of_content RETURNING s.object, s.size)
  SELECT coalesce(array_agg(ROW(object, size)::dropped), '{}') FROM gone
$$;

-- Removes content, in a transaction that removes no other.
CREATE FUNCTION content_drop(of_content uuid) RETURNS void LANGUAGE sql AS
$$ SELECT garbage_add(content_take(of_content)) $$;

-- Replaces all of content from an offset on. pieces: [{start, size, object, from, crc, hash}].
-- @returns what the caller notes as garbage
CREATE FUNCTION content_replace(of_content uuid, from_byte bigint, pieces jsonb) RETURNS dropped[] LANGUAGE plpgsql AS $$
DECLARE objects dropped[];
BEGIN
  WITH gone AS (DELETE FROM segments s WHERE s.content = of_content AND s.start >= from_byte RETURNING s.object, s.size)
  SELECT coalesce(array_agg(ROW(object, size)::dropped), '{}') INTO objects FROM gone;
  UPDATE segments s SET size = from_byte - s.start, crc = NULL, prefix_hash = NULL
    WHERE s.content = of_content AND s.start < from_byte AND s.start + s.size > from_byte;
  INSERT INTO segments (content, start, size, object, object_from, crc, prefix_hash)
    SELECT of_content, p.start, p.size, p.object, p."from", p.crc, decode(p.hash, 'hex')
    FROM jsonb_to_recordset(pieces) AS p(start bigint, size bigint, object text, "from" bigint, crc bigint, hash text);
  RETURN objects;
END $$;

-- As above, in a transaction that changes no other content.
CREATE FUNCTION content_set(of_content uuid, from_byte bigint, pieces jsonb) RETURNS void LANGUAGE sql AS
$$ SELECT garbage_add(content_replace(of_content, from_byte, pieces)) $$;

-- Content as its readers need it: [[size, object, from, crc], ...] in order.
CREATE FUNCTION content_pieces(of_content uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_array(size, object, object_from, crc) ORDER BY start), '[]')
  FROM segments WHERE content = of_content
$$;
`;
