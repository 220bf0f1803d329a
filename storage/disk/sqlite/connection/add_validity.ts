/** The step of the schema that brought accounts which are disabled or expire. */
export const ADD_VALIDITY = `
  ALTER TABLE accounts ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
  -- NULL: never.
  ALTER TABLE accounts ADD COLUMN expires_ms INTEGER;
`;
