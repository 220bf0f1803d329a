/** Empties all tables in one round trip, without a look at what refers to what. */
export const EMPTY = `DO $$
DECLARE name text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
    AND tablename NOT IN ('schema_migrations', 'cluster_clock', 'policy') LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$`;
