import type { FailureBook } from "./failure_book.ts";
import type { GroupBook } from "./group_book.ts";
import type { LinkBook } from "./link_book.ts";
import type { LockBook } from "./lock_book.ts";
import type { MarkBook } from "./mark_book.ts";
import type { MountBook } from "./mount_book.ts";
import type { PolicyBook } from "./policy_book.ts";
import type { ShareBook } from "./share_book.ts";
import type { TokenBook } from "./token_book.ts";
import type { UploadNoteBook } from "./upload_note_book.ts";
import type { WebSessionBook } from "./web_session_book.ts";

/** The parts of the catalog that have an interface of their own. */
export interface CatalogBooks {
  readonly tokens: TokenBook;
  readonly failures: FailureBook;
  readonly groups: GroupBook;
  readonly shares: ShareBook;
  readonly links: LinkBook;
  readonly locks: LockBook;
  readonly webSessions: WebSessionBook;
  readonly uploadNotes: UploadNoteBook;
  readonly marks: MarkBook;
  readonly policy: PolicyBook;
  /** @default the engine has no mounts */
  readonly mounts?: MountBook;
}
