/** Books of the accounts' and the operator's decisions, and the bus between processes. */
import type { Migration } from "../postgres/migrations.ts";
import { ACCOUNT_CHANGES } from "./catalog/account_changes.sql.ts";
import { BOOKS } from "./catalog/books.sql.ts";
import { BUS } from "./catalog/bus.sql.ts";
import { SHARING } from "./catalog/sharing.sql.ts";

export const CATALOG: Migration = {
  number: 2,
  name: "catalog",
  sql: [BOOKS, SHARING, ACCOUNT_CHANGES, BUS].join("\n"),
};
