/** Budgets and places that the workers of all nodes share, and limits and bans that hold at once. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
-- Until when each budget is used up, µs since the epoch: the generic cell rate algorithm.
CREATE UNLOGGED TABLE budgets (name text PRIMARY KEY, used_until bigint NOT NULL) WITH (fillfactor = 50);

-- Takes parts of budgets: [[name, µs of a unit, units, burst in µs, whether to wait], ...]
-- @returns [[units, wait in µs], ...] in the same order
CREATE FUNCTION budgets_take(wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  w record; t bigint; ahead float8; got bigint; wait float8; answers jsonb := '{}';
  max_ahead CONSTANT bigint := 120000000;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  -- In one order, so that two calls never wait for each other in a circle.
  FOR w IN SELECT ordinality AS place, value->>0 AS name, (value->>1)::float8 AS unit_us, (value->>2)::bigint AS units,
      (value->>3)::float8 AS burst_us, (value->>4)::boolean AS may_wait
      FROM jsonb_array_elements(wanted) WITH ORDINALITY ORDER BY value->>0, ordinality LOOP
    t := floor(extract(epoch FROM clock_timestamp()) * 1000000);
    INSERT INTO budgets AS b VALUES (w.name, t) ON CONFLICT (name) DO UPDATE SET used_until = b.used_until
      RETURNING used_until INTO ahead;
    t := floor(extract(epoch FROM clock_timestamp()) * 1000000);
    ahead := ahead - t;
    -- A clock that was set back: the budget counts as unused.
    IF ahead > greatest(max_ahead, w.burst_us + w.unit_us) THEN ahead := 0; END IF;
    IF w.may_wait THEN
      got := w.units;
      ahead := greatest(ahead, -w.burst_us) + got * w.unit_us;
      wait := greatest(0, ahead);
    ELSE
      ahead := greatest(ahead, 0);
      got := least(w.units, floor((w.burst_us - ahead) / w.unit_us + 0.001));
      IF got < 1 THEN
        got := 0;
        wait := greatest(1, ahead + w.unit_us - w.burst_us);
      ELSE
        ahead := ahead + got * w.unit_us;
        wait := 0;
      END IF;
    END IF;
    UPDATE budgets SET used_until = t + round(ahead) WHERE name = w.name;
    answers := answers || jsonb_build_object(w.place::text, jsonb_build_array(got, round(wait)));
  END LOOP;
  RETURN (SELECT jsonb_agg(value ORDER BY key::int) FROM jsonb_each(answers));
END $$;

-- Places that each member of the bus holds: connections of an address or an account.
CREATE UNLOGGED TABLE places (
  name text NOT NULL,
  member text NOT NULL,
  held int NOT NULL,
  PRIMARY KEY (name, member)
) WITH (fillfactor = 50);
CREATE INDEX places_by_member ON places (member);

-- Sets what a member holds: [[name, places, maximum of all members or null], ...]
-- @returns whether the maximum was kept, [true, ...] in the same order; where not, it holds one less
CREATE FUNCTION places_hold(of_member text, wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE w record; others bigint; kept boolean; now_held int; answers jsonb := '{}';
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  FOR w IN SELECT ordinality AS place, value->>0 AS name, (value->>1)::int AS held, (value->>2)::bigint AS most
      FROM jsonb_array_elements(wanted) WITH ORDINALITY ORDER BY hashtext(value->>0), ordinality LOOP
    -- Two members at the last place must not both take it.
    PERFORM pg_advisory_xact_lock(7068417, hashtext(w.name));
    kept := true;
    IF w.most IS NOT NULL THEN
      SELECT coalesce(sum(p.held), 0) INTO others FROM places p JOIN members_alive() m ON m.member = p.member
        WHERE p.name = w.name AND p.member <> of_member;
      kept := others + w.held <= w.most;
    END IF;
    now_held := CASE WHEN kept THEN w.held ELSE w.held - 1 END;
    IF now_held > 0 THEN
      INSERT INTO places VALUES (w.name, of_member, now_held)
        ON CONFLICT (name, member) DO UPDATE SET held = excluded.held;
    ELSE
      DELETE FROM places WHERE name = w.name AND member = of_member;
    END IF;
    answers := answers || jsonb_build_object(w.place::text, kept);
  END LOOP;
  RETURN (SELECT jsonb_agg(value ORDER BY key::int) FROM jsonb_each(answers));
END $$;

-- Removes budgets that are full again, and places of members that have ended.
CREATE FUNCTION limits_trim() RETURNS void LANGUAGE sql AS $$
  DELETE FROM budgets WHERE used_until < floor(extract(epoch FROM now() - interval '1 minute') * 1000000)::bigint;
  DELETE FROM places p WHERE NOT EXISTS (SELECT FROM members m WHERE m.member = p.member)
$$;

-- Every worker reads limits and bans again.
CREATE OR REPLACE FUNCTION policy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE policy SET version = version + 1;
  PERFORM pg_notify('towpath_policy', '');
  RETURN NULL;
END $$;
`;

export const LIMITS: Migration = { number: 3, name: "limits", sql: SQL };
