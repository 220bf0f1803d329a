/**
 * The requests of tus 1.0 (core, creation, creation-with-upload, termination), with what this
 * server adds: the checksum of the whole with the request that ends an upload, and the hash of what
 * the server has, by which a file is known to be the same one.
 */
import { failureOf, UploadFailure } from "./failure.ts";
import type { Send, UploadReply, UploadRequest } from "./transport.ts";

/** How an existing name is treated. */
export type IfExists = "version" | "overwrite" | "skip" | "fail";

/** Properties of a new upload. */
export interface NewUpload {
  /** Virtual path of the file, from the root of the account. */
  path: string;
  sizeBytes: number;
  ifExists: IfExists;
  /** When the file was last changed, in ms since 1970. */
  modifiedMs: number;
  /** SHA-256 of all of it in hex, where it is known yet. `skip` needs it. */
  hash?: string;
}

/** State of an upload; `stored` once it has ended. */
export interface Standing extends Progress {
  /** Bytes in all, where they were announced. */
  sizeBytes: number | undefined;
  /** SHA-256 of the first `offset` bytes in hex, from servers that send it. */
  prefixHash: string | undefined;
}

/** The server's description of a complete file. */
export interface Stored {
  /** Final virtual path; differs from the requested one if a version was created. */
  path: string | undefined;
  /** SHA-256 in hex. */
  hash: string | undefined;
}

/** Progress of an upload. */
export interface Progress {
  /** Bytes that the server has. */
  offset: number;
  stored: Stored;
}

/** Sends the requests; every method throws {@linkcode UploadFailure}. */
export class Tus {
  /**
   * @param endpoint address at which uploads are created, ending in a slash
   * @param headers sent with every request, such as the token against cross-site requests
   */
  constructor(
    private readonly send: Send,
    private readonly endpoint: string,
    private readonly headers: () => Record<string, string>,
  ) {}

  /**
   * Begins an upload. With `content`, it includes all of a small file; with its checksum too, the
   * upload ends with the answer.
   *
   * @returns the URL of the upload, and its state
   */
  async create(
    upload: NewUpload,
    signal: AbortSignal,
    content?: { body: Blob; onSent: (bytes: number) => void },
  ): Promise<Progress & { url: string }> {
    const reply = await this.#ask({
      method: "POST",
      url: this.endpoint,
      headers: {
        "Upload-Length": String(upload.sizeBytes),
        "Upload-Metadata": metadata({
          path: upload.path,
          ifexists: upload.ifExists,
          lastmodified: String(upload.modifiedMs),
          ...(upload.hash !== undefined && { sha256: upload.hash }),
        }),
        ...(content && CONTENT),
      },
      ...content,
    }, signal);
    const url = reply.header("Location");
    if (url === null) throw new UploadFailure("refused", "The server gave the upload no address");
    return { url, ...progressOf(reply, 0) };
  }

  /** Requests the state of an upload. */
  async head(url: string, signal: AbortSignal): Promise<Standing> {
    const reply = await this.#ask({ method: "HEAD", url, headers: {} }, signal);
    const length = reply.header("Upload-Length");
    return {
      ...progressOf(reply, 0),
      sizeBytes: numberOf(length),
      prefixHash: hashIn(reply.header("Upload-Prefix-Digest")),
    };
  }

  /**
   * Sends content from `offset` on.
   *
   * @param hash checksum of the whole, with the request that ends the upload
   */
  async patch(
    url: string,
    offset: number,
    body: Blob,
    signal: AbortSignal,
    more: { hash?: string; onSent?: (bytes: number) => void },
  ): Promise<Progress> {
    const reply = await this.#ask({
      method: "PATCH",
      url,
      headers: {
        ...CONTENT,
        "Upload-Offset": String(offset),
        ...(more.hash !== undefined && { "Upload-Metadata": metadata({ sha256: more.hash }) }),
      },
      body,
      ...(more.onSent && { onSent: more.onSent }),
    }, signal);
    return progressOf(reply, offset + body.size);
  }

  /** Drops an upload; succeeds if it does not exist. */
  async terminate(url: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#ask({ method: "DELETE", url, headers: {} }, signal);
    } catch (error) {
      if (!(error instanceof UploadFailure && error.kind === "gone")) throw error;
    }
  }

  async #ask(request: UploadRequest, signal: AbortSignal): Promise<UploadReply> {
    signal.throwIfAborted();
    const headers = { "Tus-Resumable": "1.0.0", ...this.headers(), ...request.headers };
    const reply = await this.send({ ...request, headers }, signal);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw failureOf(reply.status, reply.body, reply.header("Retry-After"));
  }
}

const CONTENT = { "Content-Type": "application/offset+octet-stream" };

function progressOf(reply: UploadReply, otherwise: number): Progress {
  const location = reply.header("Content-Location");
  return {
    offset: numberOf(reply.header("Upload-Offset")) ?? otherwise,
    stored: {
      path: location === null ? undefined : decodeURIComponent(location),
      hash: hashIn(reply.header("Repr-Digest")),
    },
  };
}

/** `Upload-Metadata`: pairs of a key and a value in base64, joined by commas. */
export function metadata(values: Record<string, string>): string {
  return Object.entries(values).map(([key, value]) => `${key} ${base64(value)}`).join(",");
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function numberOf(text: string | null): number | undefined {
  return text === null || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** The SHA-256 of a digest field (RFC 9530, section 2), in hex. */
export function hashIn(field: string | null): string | undefined {
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(field ?? "")?.[1];
  if (found === undefined) return undefined;
  return Array.from(atob(found), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
