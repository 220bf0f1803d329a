/** The step of the schema that brought the order of arrivals. */
export const ADD_ARRIVALS = `
  -- arrival: the number that the last byte of a file took, or the rename that gave it its name.
  ALTER TABLE files ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
  -- The latest removals, so that no upload that arrived before one brings back what it removed.
  CREATE TABLE removals (
    owner   TEXT NOT NULL,
    path    TEXT NOT NULL,
    arrival INTEGER NOT NULL,
    PRIMARY KEY (owner, path)
  ) STRICT, WITHOUT ROWID;
`;
