/** `backup FILE`: a tar of what cannot be made again: catalog, certificates, configuration. */
import { dirname, join } from "node:path";
import { pack } from "tar-stream";
import { formatSize } from "../../storage/format_size.ts";
import { PLACES, removeIfThere } from "../data_directory.ts";
import { failure, messageOf } from "../options/error.ts";
import { withCatalog } from "./accounts.ts";
import { adminCommand } from "./command.ts";

/** The part of a tar writer that is used here. */
interface TarPack extends AsyncIterable<Uint8Array> {
  entry(
    header: { name: string; size: number; mode: number; mtime: Date },
    done: (error?: Error | null) => void,
  ): { write(bytes: Uint8Array): boolean; end(): void; once(event: string, f: () => void): void };
  finalize(): void;
}

const CHUNK_BYTES = 256 * 1024;

const backup = adminCommand({
  name: "backup",
  operands: ["FILE"],
  flags: {},
  summary: "write catalog, certificates and configuration to a tar; the files are plain files",
  audited: () => ({ action: "backup" }),
  async run({ data, resolve }, [operand = ""]) {
    const target = resolve(operand);
    const copy = join(data, `${PLACES.catalog}.${crypto.randomUUID()}.backup`);
    const draft = join(dirname(target), `.${crypto.randomUUID()}.new`);
    try {
      await withCatalog(data, (catalog) => catalog.backup(copy));
      const bytes = await writeTar(draft, [
        { name: PLACES.catalog, file: copy },
        ...tlsFiles(data),
        { name: PLACES.config, file: join(data, PLACES.config) },
      ]);
      Deno.renameSync(draft, target);
      return {
        text: `Wrote ${target}, ${formatSize(bytes)}\n`,
        data: { filename: target, size: bytes },
      };
    } catch (error) {
      throw failure(`The backup failed: ${messageOf(error)}`, error);
    } finally {
      removeIfThere(copy);
      removeIfThere(draft);
    }
  },
});

interface Source {
  name: string;
  file: string;
}

function tlsFiles(data: string): Source[] {
  return ["ca.pem", "ca.key", "server.pem", "server.key"]
    .map((name) => ({ name: `${PLACES.tls}/${name}`, file: join(data, PLACES.tls, name) }));
}

/** Writes a tar of the files that exist. @returns its size in bytes */
async function writeTar(target: string, sources: Source[]): Promise<number> {
  using file = Deno.openSync(target, { write: true, createNew: true, mode: 0o600 });
  const tar = pack() as unknown as TarPack;
  const filling = fill(tar, sources);
  // Its failure is thrown below; the reading ends with it.
  filling.catch(() => {});
  let size = 0;
  for await (const bytes of tar) {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    size += bytes.length;
  }
  await filling;
  file.syncSync();
  return size;
}

async function fill(tar: TarPack, sources: Source[]): Promise<void> {
  for (const { name, file } of sources) {
    const content = openIfThere(file);
    if (content === undefined) continue;
    using open = content;
    const { size, mtime } = open.statSync();
    const header = { name, size, mode: 0o600, mtime: mtime ?? new Date() };
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    const entry = tar.entry(header, (error) => error ? reject(error) : resolve());
    let left = size;
    while (left > 0) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
      const count = open.readSync(chunk) ?? 0;
      if (count === 0) throw new Error(`${name} became shorter while it was read`);
      left -= count;
      if (!entry.write(chunk.subarray(0, count))) {
        await new Promise<void>((go) => entry.once("drain", go));
      }
    }
    entry.end();
    await done;
  }
  tar.finalize();
}

function openIfThere(file: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The commands that make backups. */
export const BACKUP_COMMANDS = [backup];
