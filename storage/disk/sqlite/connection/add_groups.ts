/** The step of the schema that brought groups of accounts. */
export const ADD_GROUPS = `
  CREATE TABLE account_groups (
    name       TEXT PRIMARY KEY,
    letters    TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE group_members (
    account    TEXT NOT NULL,
    group_name TEXT NOT NULL,
    PRIMARY KEY (account, group_name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX group_members_by_group ON group_members (group_name, account);
`;
