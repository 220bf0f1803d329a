/** Adds mounts (docs/storage.md, "Mounts") to a catalog. */
export const ADD_MOUNTS = `
  -- A mount's quota, files and uploads have the owner 'mount:NAME', which is a row of "accounts".
  -- identity: tells the directory from another one at its place. ended: 1 while it is being removed.
  CREATE TABLE mounts (
    name       TEXT PRIMARY KEY,
    directory  TEXT NOT NULL,
    identity   TEXT NOT NULL,
    letters    TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    ended      INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  -- guest: an account's name, * for every account, or @ and the name of a group.
  CREATE TABLE mount_guests (
    mount TEXT NOT NULL,
    guest TEXT NOT NULL,
    PRIMARY KEY (mount, guest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX mount_guests_by_guest ON mount_guests (guest);
  CREATE TRIGGER groups_see_no_mount AFTER DELETE ON account_groups BEGIN
    DELETE FROM mount_guests WHERE guest = '@' || OLD.name;
  END;
`;
