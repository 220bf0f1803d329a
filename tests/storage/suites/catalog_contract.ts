/** Contract of catalogs: catalog_test.ts runs it against each implementation. */
import { booksContract } from "./books/books_contract.ts";
import { accountContract } from "./catalog_contract_accounts.ts";
import { commitContract } from "./catalog_contract_commits.ts";
import { fileContract } from "./catalog_contract_files.ts";
import { grantContract } from "./catalog_contract_grants.ts";
import { stepContract } from "./catalog_contract_steps.ts";
import { uploadContract } from "./catalog_contract_uploads.ts";
import type { Holds, OpenCatalog } from "./catalog_samples.ts";

/** Registers the contract's tests for one implementation. */
export function catalogContract(name: string, open: () => Promise<OpenCatalog>): void {
  const holds: Holds = (sentence, test) => {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { catalog, reopen, dispose } = await open();
      try {
        await test(catalog, reopen);
      } finally {
        await dispose();
      }
    });
  };
  accountContract(holds);
  fileContract(holds);
  uploadContract(holds);
  commitContract(holds);
  stepContract(holds);
  grantContract(holds);
  booksContract(holds);
}
