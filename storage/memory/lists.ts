/** The lists of the catalog in memory, in pages. */
import type { Account, UploadPage, UploadRecord, Usage } from "../disk/interfaces/disk_catalog.ts";
import { parentOf, type VirtualPath } from "../contract/path.ts";
import { Books } from "./books.ts";
import { UndoLog } from "./table.ts";

/** Pages of the tables in memory. */
export class MemoryLists {
  protected readonly undo = new UndoLog();
  protected readonly books = new Books(this.undo);

  accounts({ after = "", count }: { after?: string; count?: number } = {}): Promise<Account[]> {
    return this.call(() =>
      this.books.accounts.values()
        .filter(({ name }) => name > after)
        .sort((a, b) => a.name < b.name ? -1 : 1)
        .slice(0, count)
    );
  }
  accountTotals(): Promise<Usage & { accounts: number }> {
    return this.call(() => {
      const totals = { accounts: 0, usedBytes: 0, reservedBytes: 0 };
      for (const { name } of this.books.accounts.values()) {
        const { usedBytes, reservedBytes } = this.books.usage(name);
        totals.accounts++;
        totals.usedBytes += usedBytes;
        totals.reservedBytes += reservedBytes;
      }
      return totals;
    });
  }
  uploads(account?: string, page?: UploadPage): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished(page, (one) => account === undefined || one.account === account)
    );
  }
  guestUploads(owner?: string, page?: UploadPage): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished(
        page,
        (one) => one.account !== one.owner && one.owner === (owner ?? one.owner),
      )
    );
  }
  uploadsTo(owner: string, path: VirtualPath): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished({}, (one) => one.owner === owner && one.path === path)
    );
  }
  uploadsIn(
    account: string,
    directory: VirtualPath,
    { after, count }: { after: string; count: number },
  ): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished({}, (one) => one.account === account && one.id > after)
        .filter(({ shownPath }) => parentOf(shownPath) === directory)
        .sort((a, b) => a.id < b.id ? -1 : 1)
        .slice(0, count)
    );
  }
  uploadTotals(): Promise<{ uploads: number; offsetBytes: number }> {
    return this.call(() => {
      const uploads = this.books.unfinished();
      const offsetBytes = uploads.reduce((sum, upload) => sum + upload.offsetBytes, 0);
      return { uploads: uploads.length, offsetBytes };
    });
  }

  /** Carries a call out; what it throws is the promise's rejection. */
  protected call<T>(work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
