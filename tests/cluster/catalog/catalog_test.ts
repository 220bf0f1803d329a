/** The contract of accounts and books over PostgreSQL. */
import { withoutPostgres } from "../engines.ts";
import { booksContract } from "../../storage/suites/books/books_contract.ts";
import { withCatalogs } from "./one_database.ts";

booksContract((sentence, test) =>
  Deno.test({
    name: `ClusterCatalog: ${sentence}`,
    ignore: withoutPostgres,
    fn: () => withCatalogs(async (open) => await test(await open(), open)),
  })
);
