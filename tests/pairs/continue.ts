/** Ways of continuing an upload that was cut, as clients do it: by the protocol, step by step. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { FtpClient } from "../support/ftp_client.ts";
import { sha256 } from "../support/raw_client.ts";
import type { Answer } from "../support/web_program.ts";
import { Place } from "./place.ts";

/**
 * The answer that a client got: that its whole content is stored, or what went wrong. `done` is what a
 * client takes for stored without having sent anything.
 */
export type Outcome = { said: "stored" | "done" | "refused"; text: string };

/** Continues the upload of `content`, of which `sent` bytes were sent before. */
export type Continue = (
  place: Place,
  path: string,
  content: Uint8Array,
  sent: number,
) => Promise<Outcome>;

const stored = (text: string): Outcome => ({ said: "stored", text });
const refused = (text: string): Outcome => ({ said: "refused", text });

/** Sends the rest by a command; what its reply says. */
async function send(
  ftp: FtpClient,
  command: string,
  bytes: Uint8Array,
  whole: Uint8Array,
): Promise<Outcome> {
  let text: string;
  try {
    text = (await ftp.store(command, bytes)).text;
  } catch (error) {
    return refused((error as Error).message);
  }
  if (!text.startsWith("226")) return refused(text);
  // A client that knows our 226 compares the checksum, which tells it the truth.
  assert(text.includes(sha256(whole)), `${command}: ${text}`);
  return stored(text);
}

async function sizeOf(ftp: FtpClient, path: string): Promise<number | undefined> {
  const { code, text } = await ftp.ask(`SIZE ${path}`);
  return code === 213 ? Number(text.slice(4)) : undefined;
}

/** `REST` and `STOR`, as lftp, ftplib and FileZilla continue; a whole `STOR` where nothing is. */
async function restAndStore(
  ftp: FtpClient,
  path: string,
  content: Uint8Array,
  offset: number | undefined,
): Promise<Outcome> {
  if (offset === undefined) return await send(ftp, `STOR ${path}`, content, content);
  // lftp and FileZilla do this if the server's file is at least as large as theirs.
  if (offset >= content.length) return { said: "done", text: `SIZE reported ${offset}` };
  if (offset > 0) await ftp.ask(`REST ${offset}`, 350);
  return await send(ftp, `STOR ${path}`, content.subarray(offset), content);
}

const FTP: Readonly<Record<string, Continue>> = {
  "SIZE, APPE (curl -C -)": async ({ ftp }, path, content) => {
    const offset = await sizeOf(ftp, path) ?? 0;
    // curl says "File already completely uploaded" there.
    if (offset >= content.length) return { said: "done", text: `SIZE reported ${offset}` };
    const command = offset > 0 ? "APPE" : "STOR";
    return await send(ftp, `${command} ${path}`, content.subarray(offset), content);
  },

  "SIZE, REST, STOR (lftp put -c)": async ({ ftp }, path, content) =>
    await restAndStore(ftp, path, content, await sizeOf(ftp, path)),

  "MLSD, REST, STOR (lftp mirror -R -c)": async ({ ftp }, path, content) => {
    const name = path.slice(1);
    const line = (await ftp.lines("MLSD /")).find((line) => line.endsWith(`; ${name}`));
    const size = /(?:^|;)size=(\d+)/i.exec(line ?? "")?.[1];
    return await restAndStore(ftp, path, content, size === undefined ? undefined : Number(size));
  },

  "SIZE, MDTM, REST, STOR (FileZilla)": async ({ ftp }, path, content) => {
    const offset = await sizeOf(ftp, path);
    await ftp.ask(`MDTM ${path}`);
    const outcome = await restAndStore(ftp, path, content, offset);
    await ftp.ask("REST 0", 350);
    return outcome;
  },

  "REST, STOR at what was sent (ftplib)": ({ ftp }, path, content, sent) =>
    restAndStore(ftp, path, content, sent),

  "APPE without asking (ftplib, tnftp)": ({ ftp }, path, content, sent) =>
    send(ftp, `APPE ${path}`, content.subarray(sent), content),

  "STOR anew": ({ ftp }, path, content) => send(ftp, `STOR ${path}`, content, content),
};

async function resumeNatively(
  { native }: Place,
  filename: string,
  content: Uint8Array,
): Promise<Outcome> {
  const begun = await native.ask("RESUME", { filename, file_size: content.length });
  let offset = 0;
  if (begun.status === "OK") {
    offset = begun.data.offset as number;
    const { prefix_hash: reported } = begun.data;
    if (reported !== sha256(content.subarray(0, offset))) {
      assertEquals((await native.ask("ABOR", { discard: true })).status, "ABORTED");
      assertEquals((await native.reply())?.status, "OK");
      return refused(`the beginning is another file's: ${reported}`);
    }
  } else {
    assertEquals(begun.status, "TRANSFER_NOT_FOUND", JSON.stringify(begun));
    const announced = { file_size: content.length, if_exists: "overwrite" };
    const anew = await native.ask("UPLOAD", { filename, ...announced });
    assertEquals(anew.code, 150, JSON.stringify(anew));
  }
  await native.data(content.subarray(offset));
  await native.send("END", { file_hash: sha256(content) });
  const reply = (await native.reply())!;
  const text = JSON.stringify(reply);
  return reply.status === "OK" ? stored(text) : refused(text);
}

function outcomeOf({ status, text }: Answer, content: Uint8Array, reported: Headers): Outcome {
  const said = `${status} ${text}`;
  if (status !== 201 && status !== 204) return refused(said);
  const digest = reported.get("repr-digest");
  assertStrictEquals(digest, digestOf(content), said);
  return stored(said);
}

/** The id that the API lists, then `HEAD` and `PATCH`; a new upload where there is none. */
async function patch(
  place: Place,
  path: string,
  content: Uint8Array,
  ask: (url: string, request: RequestInit) => Promise<Answer>,
  again = true,
): Promise<Outcome> {
  const [found] = await place.unfinished(path);
  const tus = { "tus-resumable": "1.0.0" };
  const type = { "content-type": "application/offset+octet-stream" };
  if (found === undefined) {
    const pairs = [["path", path], ["ifexists", "overwrite"]] as const;
    const metadata = pairs.map(([key, value]) => `${key} ${btoa(value)}`).join();
    const length = { "upload-length": String(content.length), "upload-metadata": metadata };
    const headers = { ...tus, ...type, ...length };
    const made = await ask("/tus/", { method: "POST", headers, body: content.slice() });
    return outcomeOf(made, content, made.headers);
  }
  const url = `/tus/${found.id}`;
  const head = await ask(url, { method: "HEAD", headers: tus });
  assertEquals(head.status, 200, head.text);
  const offset = Number(head.headers.get("upload-offset"));
  const prefix = digestOf(content.subarray(0, offset));
  const reported = head.headers.get("upload-prefix-digest");
  if (reported !== prefix) return refused(`the beginning is another file's: ${reported}`);
  const deferred = head.headers.has("upload-defer-length");
  const length = deferred ? { "upload-length": String(content.length) } : {};
  const headers = { ...tus, ...type, "upload-offset": String(offset), ...length };
  const last = await ask(url, { method: "PATCH", headers, body: content.slice(offset) });
  // Another worker held more of it than its last checkpoint: clients ask again.
  if (last.status === 409 && again) return await patch(place, path, content, ask, false);
  return outcomeOf(last, content, last.headers);
}

/** `Repr-Digest` and the like. */
export function digestOf(content: Uint8Array): string {
  return `sha-256=:${Uint8Array.fromHex(sha256(content)).toBase64()}:`;
}

/** `PUT` of the rest that tells nothing of the upload: refused by rule. */
export const UNPROVEN: Continue = (place, path, content) =>
  putRest(place, path, content, () => ({}));

/** The rest by `PUT`, from where the API says that the latest upload of the name is. */
async function putRest(
  place: Place,
  path: string,
  content: Uint8Array,
  proof: (id: string) => { query?: string; headers?: Record<string, string> },
): Promise<Outcome> {
  const [found] = await place.unfinished(path);
  if (found === undefined || found.offset === 0) return await putWhole(place, path, content);
  const { offset, id } = found;
  const { query = "", headers = {} } = proof(id);
  const range = `bytes ${offset}-${content.length - 1}/${content.length}`;
  const last = await place.put(`${path}${query}`, content.slice(offset), {
    "content-range": range,
    ...headers,
  });
  return outcomeOf(last, content, last.headers);
}

async function putWhole(place: Place, path: string, content: Uint8Array): Promise<Outcome> {
  const last = await place.put(path, content);
  return outcomeOf(last, content, last.headers);
}

/** Ways over HTTP and the native protocol; each begins again where there is nothing to continue. */
const OTHERS: Readonly<Record<string, Continue>> = {
  "RESUME (client resume)": resumeNatively,

  "HEAD, PATCH (tus)": (place, path, content) =>
    patch(place, path, content, (url, request) => place.program.ask(url, request as never)),

  "HEAD, PATCH (the page)": (place, path, content) =>
    patch(place, path, content, async (url, request) => {
      const reply = await place.browser.fetch(url, request as never);
      const bytes = new Uint8Array(await reply.arrayBuffer());
      const { status, headers } = reply;
      return { status, headers, bytes, text: new TextDecoder().decode(bytes), json: undefined };
    }),

  "PUT, Content-Range and id": (place, path, content) =>
    putRest(place, path, content, (id) => ({ query: `?upload=${id}` })),

  "PUT, Content-Range and digest": (place, path, content) =>
    putRest(place, path, content, () => ({ headers: { "repr-digest": digestOf(content) } })),

  "PUT anew": putWhole,
};

export const WAYS: Readonly<Record<string, Continue>> = { ...FTP, ...OTHERS };

/** The ways on that need nothing but the name: for what was refused, and for other accounts. */
export const OWN_WAY: Continue = resumeNatively;
