/** Files in a form (`multipart/form-data`, RFC 7578), each stored while it comes in. */
import { Busboy, type BusboyFileStream } from "@fastify/busboy";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { IfExists } from "../../../storage/contract/catalog.ts";
import type { Moment } from "../../../storage/contract/arrivals.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { View } from "../../../storage/vault.ts";

/** Where files of a form go, and how. */
export interface FormUploadOptions {
  readonly view: View;
  readonly directory: VirtualPath;
  /** Resolves once `bytes` more may be received. */
  readonly pace?: (bytes: number) => Promise<void> | void;
  /** When the request came. */
  readonly came?: Moment | undefined;
  readonly signal?: AbortSignal;
  /** Called after each file that is stored. */
  readonly onStored?: () => void;
}

const LIMITS = { files: 10_000, fields: 20, fieldSize: 1024, parts: 10_100, headerPairs: 50 };

/**
 * Stores the files of a form. Files received whole before an error stay.
 *
 * @returns number of files
 * @throws the storage error of the first that failed; {StoreError} `bad-request` for no such form
 */
export async function storeForm(
  request: Request,
  options: FormUploadOptions,
): Promise<number> {
  const { view, directory, signal, onStored } = options;
  const type = request.headers.get("content-type") ?? "";
  if (request.body === null || !type.startsWith("multipart/form-data")) throw noForm();
  let stored = 0;
  let ifExists: IfExists = "version";
  let turn: Promise<void> = Promise.resolve();
  let failure: unknown;
  /** Whether it was this server that failed, and not the form. */
  let isOurs = false;
  const parser = makeParser(type);
  let current: BusboyFileStream | undefined;
  const fail = (error: unknown) => {
    // The error that ended the body is reported, even if another stream fails because of it first.
    failure ??= signal?.aborted ? signal.reason : error;
    parser.destroy();
    // Otherwise its reader would wait without end for the missing bytes.
    current?.destroy(new Error("The form was broken off"));
  };
  // The parser would ignore excess parts silently.
  for (const event of ["filesLimit", "partsLimit", "fieldsLimit"] as const) {
    parser.on(event, () => fail(new StoreError("bad-request", "The form has too many parts")));
  }
  parser.on("field", (name, value) => {
    if (name === "if-exists") ifExists = ifExistsOf(value);
  });
  // Also once the body was read: an "error" that nothing listens for is an uncaught exception.
  parser.on("error", fail);
  parser.on("file", (_field, stream, filename) => {
    stream.on("error", fail);
    // A field in which nothing was chosen comes as a file without a name.
    if (filename === undefined || filename === "") return void stream.resume();
    turn = turn.then(async () => {
      if (failure !== undefined) return;
      current = stream;
      const path = view.resolve(directory, `./${nameFrom(filename)}`);
      // Files behind the first one come at the pace of the client.
      const came = stored === 0 ? options.came : undefined;
      await storeFile(view, path, ifExists, stream, { ...options, came });
      stored++;
      onStored?.();
    }).catch((error) => {
      isOurs ||= failure === undefined;
      fail(error);
    });
  });
  try {
    const body = Readable.fromWeb(request.body as never);
    await pipeline(body, parser, ...(signal ? [{ signal }] : []) as []);
  } catch (error) {
    fail(error);
  }
  await turn;
  if (failure === undefined) return stored;
  throw isOurs || failure instanceof StoreError ? failure : notWhole(failure);
}

async function storeFile(
  view: View,
  path: VirtualPath,
  ifExists: IfExists,
  stream: BusboyFileStream,
  { pace, came }: FormUploadOptions,
): Promise<void> {
  const opening = await view.transfers.upload({ path, ifExists, pipelined: true });
  if ("skipped" in opening) return;
  const { upload } = opening;
  if (came !== undefined) upload.delays.since(came);
  try {
    for await (const bytes of piecesOf(stream)) {
      const delay = pace?.(bytes.length);
      if (delay !== undefined) await upload.delays.during(delay);
      await upload.write(bytes);
    }
    if (stream.truncated) throw notWhole();
    await upload.finish();
  } catch (error) {
    // A form cannot be taken up where it was cut: also what storage kept for that goes.
    await upload.discard();
    await view.transfers.discard(upload.id).catch(() => {});
    throw error;
  }
}

/** Reads the content of a file in a form. @throws {StoreError} `bad-request` where it breaks off */
async function* piecesOf(stream: BusboyFileStream): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw notWhole(cause);
  }
}

function notWhole(cause?: unknown): StoreError {
  return new StoreError("bad-request", "The form did not come whole", {}, { cause });
}

function makeParser(type: string) {
  try {
    return new Busboy({ headers: { "content-type": type }, limits: LIMITS });
  } catch (cause) {
    throw new StoreError("bad-request", "The form cannot be read", {}, { cause });
  }
}

/** The name of a file as it was before the browser wrote it into a header. */
function nameFrom(filename: string): string {
  return filename.replace(/%22/g, '"').replace(/^.*[/\\]/, "");
}

function ifExistsOf(value: unknown): IfExists {
  // "skip" needs the hash before the content has arrived, which a form cannot give.
  return value === "overwrite" || value === "fail" ? value : "version";
}

function noForm(): StoreError {
  return new StoreError("bad-request", "There is no form with files in the request");
}
