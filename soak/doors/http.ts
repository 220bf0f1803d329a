/** The HTTP API: `PUT` with continuation, downloads whole and by range, changes of the tree. */
import { bytesOf, type Content } from "../common/content.ts";
import { type ClientContext, type DoorClient, Refused } from "../common/door_client.ts";

/** A reply whose body was read. */
export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Kinds of refusals that belong to the load. */
const EXPECTED = [401, 404, 409, 412, 429, 503, 507];

/** Opens connections as a client does, which sends a request that changes something once. */
export class Connections {
  #kept: Deno.HttpClient | undefined;
  #single: Deno.HttpClient | undefined;

  /** @param ca the file of the authority that is trusted */
  constructor(private readonly ca: string) {}

  /**
   * The client for a request. `fetch` sends it again where a connection that served another one
   * before is lost: of what was done and of what was refused only the second answer would be seen.
   */
  for(method: string): Deno.HttpClient {
    if (method === "GET") return this.#kept ??= this.#open({});
    return this.#single ??= this.#open({ poolMaxIdlePerHost: 0 });
  }

  #open(options: Deno.CreateHttpClientOptions): Deno.HttpClient {
    return Deno.createHttpClient({ ...options, caCerts: [Deno.readTextFileSync(this.ca)] });
  }
}

/** Sends requests with an account's token. */
export class Http {
  #connections: Connections | undefined;

  constructor(readonly context: ClientContext) {}

  /** Sends a request and reads the reply. @throws {Refused} a status of 4xx, 503 or 507 */
  async ask(method: string, path: string, options: {
    body?: BodyInit;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    /** A status that is no error. */
    also?: number;
  } = {}): Promise<Answer> {
    const { place, login } = this.context;
    const { web } = await place.ports();
    this.#connections ??= new Connections(place.ca);
    const reply = await fetch(`https://localhost:${web}${path}`, {
      method,
      client: this.#connections.for(method),
      redirect: "manual",
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.signal ? { signal: options.signal } : {}),
      headers: { authorization: `Bearer ${login.token}`, ...options.headers },
    });
    const bytes = await reply.bytes();
    const { status, headers } = reply;
    if (status >= 400 && status !== options.also) {
      const text = `${method} ${path}: ${status} ${new TextDecoder().decode(bytes.slice(0, 300))}`;
      if (status === 503 || status === 500) throw new Error(text); // it may have been done
      throw new Refused(text, EXPECTED.includes(status));
    }
    return { status, headers, bytes };
  }

  /** A request whose body and answer are JSON. */
  async json(method: string, path: string, value?: unknown): Promise<unknown> {
    const { bytes } = await this.ask(method, `/api/v1${path}`, {
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
      headers: { "content-type": "application/json" },
    });
    return bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes));
  }

  /** The unfinished uploads of the account, and of guests into its tree. */
  async uploads(): Promise<{ id: string; path: string; offset: number }[]> {
    const { uploads } = await this.json("GET", "/uploads") as {
      uploads: { id: string; path: string; offset: number }[];
    };
    return uploads;
  }

  /** The unfinished uploads to a path, latest first. */
  async unfinished(path: string): Promise<{ id: string; offset: number }[]> {
    return (await this.uploads()).filter((upload) => upload.path === path);
  }
}

/** Sends a request that is given up after so much of its body. */
async function cutOff(send: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 5 + Math.random() * 60);
  try {
    await send(controller.signal);
  } catch (error) {
    if (error instanceof Refused) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** `PUT` and `GET`. */
export function httpDoor(context: ClientContext): DoorClient {
  const http = new Http(context);
  const at = (path: string) => `/api/v1/files${path}`;
  return {
    name: "http",
    versions: true,
    async put(path, content, how, cut) {
      const body = bytesOf(content);
      if (cut !== undefined && how === "overwrite") {
        const before = new Set((await http.unfinished(path)).map(({ id }) => id));
        await cutOff((signal) => http.ask("PUT", at(path), { body, signal }));
        // Another upload to this name has other content.
        const [found] = await http.unfinished(path);
        const begun = found !== undefined && !before.has(found.id);
        if (begun && found.offset > 0 && found.offset < body.length) {
          const { offset } = found;
          const range = `bytes ${offset}-${body.length - 1}/${body.length}`;
          const headers = { "content-range": range };
          const rest = `${at(path)}?upload=${found.id}`;
          await http.ask("PUT", rest, { body: body.subarray(offset), headers });
          return path;
        }
      }
      const { bytes } = await http.ask("PUT", `${at(path)}?ifExists=${how}`, { body });
      if (how === "overwrite") return path;
      return JSON.parse(new TextDecoder().decode(bytes)).path;
    },
    async get(path) {
      const { bytes, headers } = await http.ask("GET", at(path));
      if (bytes.length < 2) return bytes;
      const start = Math.floor(bytes.length / 3);
      const part = await http.ask("GET", at(path), {
        headers: { range: `bytes=${start}-`, "if-range": headers.get("etag")! },
      });
      if (part.status === 206) bytes.set(part.bytes, start);
      return bytes;
    },
  };
}

/** tus, in pieces. */
export function tusDoor(context: ClientContext): DoorClient {
  const http = new Http(context);
  const base64 = (text: string) => new TextEncoder().encode(text).toBase64();
  const versioned = (location: string, content: Content, cut: boolean) =>
    sendPieces(http, location, bytesOf(content), cut);
  return {
    name: "tus",
    versions: false,
    async put(path, content, how, cut) {
      const { headers } = await http.ask("POST", "/tus/", {
        headers: {
          "tus-resumable": "1.0.0",
          "upload-length": String(content.size),
          "upload-metadata": `path ${base64(path)},ifexists ${base64(how)}`,
        },
      });
      if (content.size > 0) await versioned(headers.get("location")!, content, cut !== undefined);
      return path;
    },
    async get(path) {
      return (await http.ask("GET", `/api/v1/files${path}`)).bytes;
    },
  };
}

async function sendPieces(
  http: Http,
  location: string,
  bytes: Uint8Array<ArrayBuffer>,
  cut: boolean,
): Promise<void> {
  const path = location.replace(/^https:\/\/[^/]+/, "");
  const tus = { "tus-resumable": "1.0.0" };
  const piece = Math.max(1, Math.ceil(bytes.length / 3));
  let offset = 0;
  let mayCut = cut;
  while (offset < bytes.length) {
    const headers = {
      ...tus,
      "upload-offset": String(offset),
      "content-type": "application/offset+octet-stream",
    };
    const body = bytes.subarray(offset, offset + piece);
    if (mayCut) {
      mayCut = false;
      await cutOff((signal) => http.ask("PATCH", path, { headers, body, signal }));
      const head = await http.ask("HEAD", path, { headers: tus });
      offset = Number(head.headers.get("upload-offset"));
    } else {
      offset += body.length;
      await http.ask("PATCH", path, { headers, body });
    }
  }
}
