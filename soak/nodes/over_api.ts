import { Refused } from "../common/door_client.ts";
import type { Api, Stored, StoredFile } from "../common/site.ts";

/** Stored files of several nodes, as any of them reads them. */
export class OverApi implements Stored {
  /** @param logs files of the audit logs */
  constructor(private readonly logs: () => readonly string[]) {}

  async files(api: Api, directory: string): Promise<Map<string, StoredFile> | undefined> {
    try {
      const listing = await api.json("GET", `/files${directory}?limit=10000`) as {
        entries: { name: string; type: string }[];
      };
      return new Map(
        listing.entries.filter(({ type }) => type === "file").map(({ name }) => [
          name,
          async () => (await api.ask("GET", `/api/v1/files${directory}/${name}`)).bytes,
        ]),
      );
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** None: unfinished uploads are rows, which a check has removed. */
  parts(): string[] {
    return [];
  }

  asideBytes(): number {
    return 0;
  }

  auditLines(): string[] {
    return this.logs().flatMap((file) => {
      try {
        return Deno.readTextFileSync(file).split("\n");
      } catch {
        return [];
      }
    });
  }
}
