/** Files and unfinished uploads that a server keeps, over whatever engine, without its doors. */
import { join } from "@std/path";
import type { Engine } from "../../storage/contract/engine.ts";
import { ON_DISK, openTestEngine } from "./engine.ts";
import { uploadsIn } from "./vault.ts";

/** A server, or an engine in this process. */
interface Keeper {
  /** Its data directory. */
  readonly data: string;
}

/**
 * A local path with a file or directory of an account: on the disk its own place, else a copy.
 *
 * @returns a path without a file where there is none
 */
export async function storedAt({ data }: Keeper, account: string, path: string): Promise<string> {
  const place = join(data, "users", account[0]!, account, "files", path);
  if (ON_DISK) return place;
  await using engine = await opened(data);
  const copy = await Deno.makeTempDir({ dir: join(data, ".."), prefix: "stored-" });
  const from = join("/", path);
  await copyTree(engine, account, from === "/" ? "/" : from.replace(/\/$/, ""), `${copy}/it`);
  return `${copy}/it`;
}

/** Unfinished uploads of an account, with the bytes of each that are safe. */
export async function safeUploads(
  { data }: Keeper,
  account: string,
): Promise<{ path: string; offset: number }[]> {
  if (!ON_DISK) {
    await using engine = await opened(data);
    const uploads = await uploadsIn(engine, account);
    return uploads.map(({ path, offsetBytes }) => ({ path, offset: offsetBytes }));
  }
  const directory = join(data, "users", account[0]!, account, "parts");
  return [...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".json"))
    .map(({ name }) => JSON.parse(Deno.readTextFileSync(join(directory, name))));
}

async function opened(data: string): Promise<Engine & AsyncDisposable> {
  const engine = await openTestEngine({ data });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}

async function copyTree(engine: Engine, account: string, from: string, to: string): Promise<void> {
  const { tree } = engine;
  const entry = await tree.stat(account, from);
  if (entry === undefined) return;
  if (entry.type === "file") {
    const { content, record } = await tree.open(account, from);
    const bytes = new Uint8Array(record.size);
    await content.read(bytes, 0);
    content.close();
    await Deno.writeFile(to, bytes);
    return await Deno.utime(to, record.mtimeMs / 1000, record.mtimeMs / 1000);
  }
  await Deno.mkdir(to);
  const { directories, files } = await tree.names(account, from, { limit: 10_000 });
  for (const name of [...directories, ...files]) {
    await copyTree(engine, account, from === "/" ? `/${name}` : `${from}/${name}`, `${to}/${name}`);
  }
}
