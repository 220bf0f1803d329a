import type { Api, Stored, StoredFile } from "./site.ts";

/** The data directory of one server. */
export class OnDisk implements Stored {
  constructor(private readonly data: string) {}

  files(api: Api, directory: string): Promise<Map<string, StoredFile> | undefined> {
    const place = `${this.#place(api.context.login.username)}/files${directory}`;
    const names = namesIn(place);
    return Promise.resolve(
      names && new Map(names.map((name) => [name, () => Deno.readFileSync(`${place}/${name}`)])),
    );
  }

  parts(account: string): string[] {
    return [...Deno.readDirSync(`${this.#place(account)}/parts`)].map(({ name }) => name);
  }

  /** What a kill left of small uploads. */
  asideBytes(account: string): number {
    const place = `${this.#place(account)}/aside`;
    return (namesIn(place) ?? []).reduce(
      (sum, name) => sum + Deno.lstatSync(`${place}/${name}`).size,
      0,
    );
  }

  auditLines(): string[] {
    return Deno.readTextFileSync(`${this.data}/logs/audit.log`).split("\n");
  }

  #place(account: string): string {
    return `${this.data}/users/${account[0]}/${account}`;
  }
}

/** Names in a directory; undefined where it is missing. */
function namesIn(directory: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
