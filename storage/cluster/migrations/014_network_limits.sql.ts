/** Limits of addresses, by network. */
import type { Migration } from "../postgres/migrations.ts";

const SQL = `
-- limits: JSON, as in account_limits; of each address of the network.
CREATE TABLE network_limits (
  address text COLLATE "C" NOT NULL,
  prefix_length int NOT NULL,
  limits text NOT NULL,
  PRIMARY KEY (address, prefix_length)
);
CREATE TRIGGER network_limits_changed AFTER INSERT OR UPDATE OR DELETE ON network_limits
  FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();
`;

export const NETWORK_LIMITS: Migration = { number: 14, name: "network limits", sql: SQL };
