/** The step of the schema that brought limits of addresses. */
export const ADD_NETWORK_LIMITS = `
  -- Limits of each address of a network: JSON, as in account_limits.
  CREATE TABLE network_limits (
    address       TEXT NOT NULL,
    prefix_length INTEGER NOT NULL,
    limits        TEXT NOT NULL,
    PRIMARY KEY (address, prefix_length)
  ) STRICT, WITHOUT ROWID;
`;
