/** Contract of catalogs: catalog_test.ts runs it against each implementation. */
import { accountContract } from "./catalog_contract_accounts.ts";
import { commitContract } from "./catalog_contract_commits.ts";
import { fileContract } from "./catalog_contract_files.ts";
import { linkContract } from "./catalog_contract_links.ts";
import { shareContract } from "./catalog_contract_shares.ts";
import { stepContract } from "./catalog_contract_steps.ts";
import { timeContract } from "./catalog_contract_times.ts";
import { tokenContract } from "./catalog_contract_tokens.ts";
import { uploadContract } from "./catalog_contract_uploads.ts";
import { policyContract } from "./catalog_contract_policy.ts";
import { uploadNoteContract } from "./catalog_contract_upload_notes.ts";
import { webSessionContract } from "./catalog_contract_web_sessions.ts";
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
  tokenContract(holds);
  shareContract(holds);
  linkContract(holds);
  webSessionContract(holds);
  uploadNoteContract(holds);
  policyContract(holds);
  timeContract(holds);
}
