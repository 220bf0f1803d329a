/** Members of the bus between processes, and messages that are too long for a notification. */
export const BUS = `
CREATE UNLOGGED TABLE members (
  member text PRIMARY KEY,
  node text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  beat timestamptz NOT NULL,
  figures jsonb NOT NULL
);
CREATE UNLOGGED TABLE bus_messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  body text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bus_messages_by_time ON bus_messages (at);

-- Sessions that were ended. A worker that heard no questions for a while ends those of its own.
CREATE TABLE ended_sessions (
  session text PRIMARY KEY,
  reason text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ended_sessions_by_time ON ended_sessions (at);

CREATE FUNCTION session_end(of_session text, with_reason text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM ended_sessions WHERE at < now() - interval '30 days';
  INSERT INTO ended_sessions (session, reason) VALUES (of_session, with_reason)
    ON CONFLICT (session) DO UPDATE SET at = now()
$$;

-- A notification has at most 7,999 bytes: of a longer message it has the id.
CREATE FUNCTION bus_send(to_channel text, message text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE kept uuid;
BEGIN
  IF octet_length(message) <= 7999 THEN
    PERFORM pg_notify(to_channel, message);
  ELSE
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO bus_messages (body) VALUES (message) RETURNING id INTO kept;
    PERFORM pg_notify(to_channel, json_build_object('ref', kept)::text);
  END IF;
END $$;

-- Members that are alive: they have given a sign of life in the last 10 s.
CREATE FUNCTION members_alive() RETURNS SETOF members LANGUAGE sql STABLE AS
$$ SELECT * FROM members WHERE beat > now() - interval '10 s' $$;

-- @returns the members that are to answer
CREATE FUNCTION bus_ask(from_member text, message text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM bus_send('towpath_bus', message);
  RETURN QUERY SELECT a.member FROM members_alive() a WHERE a.member <> from_member;
END $$;

-- A sign of life. The member hears of it itself, which shows that its notifications arrive.
CREATE FUNCTION bus_beat(of_member text, of_node text, to_channel text, with_figures jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO members (member, node, beat, figures) VALUES (of_member, of_node, now(), with_figures)
    ON CONFLICT (member) DO UPDATE SET beat = excluded.beat, figures = excluded.figures;
  DELETE FROM members WHERE beat < now() - interval '1 hour';
  DELETE FROM bus_messages WHERE at < now() - interval '1 minute';
  PERFORM pg_notify(to_channel, '{"beat":true}');
END $$;
`;
