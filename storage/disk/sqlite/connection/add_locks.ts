/** The step of the schema that brought locks of paths. */
export const ADD_LOCKS = `
  -- account: the holder, which alone changes the path and what is below it.
  CREATE TABLE locks (
    owner      TEXT NOT NULL,
    path       TEXT NOT NULL,
    account    TEXT NOT NULL,
    note       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (owner, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX locks_by_account ON locks (account, owner, path);
`;
