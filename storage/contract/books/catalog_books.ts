import type { AsideBook } from "./aside_book.ts";
import type { ClaimBook } from "./claim_book.ts";
import type { FailureBook } from "./failure_book.ts";
import type { LinkBook } from "./link_book.ts";
import type { MarkBook } from "./mark_book.ts";
import type { ModeBook } from "./mode_book.ts";
import type { PolicyBook } from "./policy_book.ts";
import type { ShareBook } from "./share_book.ts";
import type { SpellingBook } from "./spelling_book.ts";
import type { StepBook } from "./step_book.ts";
import type { TokenBook } from "./token_book.ts";
import type { UploadNoteBook } from "./upload_note_book.ts";
import type { WebSessionBook } from "./web_session_book.ts";

/** The parts of the catalog that have an interface of their own. */
export interface CatalogBooks {
  readonly tokens: TokenBook;
  readonly claims: ClaimBook;
  readonly steps: StepBook;
  readonly failures: FailureBook;
  readonly shares: ShareBook;
  readonly links: LinkBook;
  readonly webSessions: WebSessionBook;
  readonly uploadNotes: UploadNoteBook;
  readonly modes: ModeBook;
  readonly spellings: SpellingBook;
  readonly asides: AsideBook;
  readonly marks: MarkBook;
  readonly policy: PolicyBook;
}
