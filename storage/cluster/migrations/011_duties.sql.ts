/** Work that one worker of all nodes does at a time. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
CREATE UNLOGGED TABLE duties (name text PRIMARY KEY, holder text NOT NULL, taken_until timestamptz NOT NULL);

-- Takes a duty, or keeps it. It is free where its holder runs no more, or has not kept it for so long.
CREATE FUNCTION duty_take(of_duty text, by_holder text, for_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO duties AS d VALUES (of_duty, by_holder, now() + for_ms * interval '1 ms')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, taken_until = excluded.taken_until
    WHERE d.holder = excluded.holder OR d.taken_until < now() OR live_holder(d.holder) IS NULL;
  RETURN FOUND;
END $$;
`;

export const DUTIES: Migration = { number: 11, name: "duties", sql: SQL };
