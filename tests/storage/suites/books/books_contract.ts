/** Contract of the catalog's accounts and books, over any catalog of any engine. */
import type { HoldsBooks } from "../catalog_samples.ts";
import { accountContract } from "./accounts_contract.ts";
import { groupContract } from "./groups_contract.ts";
import { failureContract } from "./failures_contract.ts";
import { linkContract } from "./links_contract.ts";
import { policyContract } from "./policy_contract.ts";
import { shareContract } from "./shares_contract.ts";
import { timeContract } from "./times_contract.ts";
import { tokenContract } from "./tokens_contract.ts";
import { uploadNoteContract } from "./upload_notes_contract.ts";
import { webSessionContract } from "./web_sessions_contract.ts";

/** Registers the tests of all books. */
export function booksContract(holds: HoldsBooks): void {
  accountContract(holds);
  groupContract(holds);
  tokenContract(holds);
  shareContract(holds);
  linkContract(holds);
  webSessionContract(holds);
  uploadNoteContract(holds);
  policyContract(holds);
  failureContract(holds);
  timeContract(holds);
}
