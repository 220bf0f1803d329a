/** A server of uploads in memory, which breaks in the ways that a test asks for. */
import { concat } from "@std/bytes";
import { createHash } from "node:crypto";
import { UploadFailure } from "../../../web/upload/failure.ts";
import type { Send, UploadReply, UploadRequest } from "../../../web/upload/transport.ts";

interface Held {
  path: string;
  ifExists: string;
  size: number;
  hash: string | undefined;
  content: Uint8Array;
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Failure of a request, in place of its answer. */
export type Break = (request: UploadRequest) => "lose-request" | "lose-reply" | number | undefined;

/** Fake tus server in memory. */
export class FakeTus {
  readonly held = new Map<string, Held>();
  /** Finished files by final path. */
  readonly files = new Map<string, Uint8Array>();
  readonly requests: UploadRequest[] = [];
  /** Asked before each request. */
  breaks: Break = () => undefined;
  /** Whether finished uploads are still known by their address. */
  remembers = false;
  #last = 0;
  readonly #finished = new Map<string, string>();

  readonly send: Send = async (request, signal) => {
    signal.throwIfAborted();
    this.requests.push(request);
    const how = this.breaks(request);
    if (how === "lose-request") {
      await this.#takeHalf(request);
      throw new UploadFailure("network", "The connection was lost");
    }
    if (typeof how === "number") return reply(how, {}, `{"detail":"It is ${how}"}`);
    const answer = await this.#answer(request);
    if (how === "lose-reply") throw new UploadFailure("network", "The connection was lost");
    return answer;
  };

  /** Half of a body arrives before a connection is cut. */
  async #takeHalf({ method, url, body }: UploadRequest): Promise<void> {
    const held = this.held.get(url);
    if (method !== "PATCH" || !held || !body) return;
    held.content = concat([held.content, await bytesOf(body.slice(0, Math.floor(body.size / 2)))]);
  }

  async #answer(request: UploadRequest): Promise<UploadReply> {
    if (request.method === "POST") return await this.#create(request);
    const ended = this.#finished.get(request.url);
    if (ended !== undefined && this.remembers && request.method === "HEAD") {
      return reply(200, this.#stored(ended));
    }
    const held = this.held.get(request.url);
    if (!held) return reply(404, {}, `{"detail":"There is no such unfinished upload"}`);
    if (request.method === "DELETE") {
      this.held.delete(request.url);
      return reply(204, {});
    }
    if (request.method === "HEAD") {
      return reply(200, {
        "Upload-Offset": String(held.content.length),
        "Upload-Length": String(held.size),
        "Upload-Prefix-Digest": digestField(held.content),
      });
    }
    if (Number(request.headers["Upload-Offset"]) !== held.content.length) return reply(409, {});
    return await this.#take(request, held);
  }

  async #create(request: UploadRequest): Promise<UploadReply> {
    const reported = pairs(request.headers["Upload-Metadata"]);
    const same = this.files.get(reported["path"]!);
    if (reported["ifexists"] === "skip" && same && sha256(same) === reported["sha256"]) {
      return reply(201, { Location: "/tus/none", ...this.#stored(reported["path"]!) });
    }
    const url = `/tus/${++this.#last}`;
    const held = {
      path: reported["path"]!,
      ifExists: reported["ifexists"]!,
      size: Number(request.headers["Upload-Length"]),
      hash: reported["sha256"],
      content: new Uint8Array(),
    };
    this.held.set(url, held);
    const taken = await this.#take({ ...request, url }, held);
    return {
      ...taken,
      status: 201,
      header: (name) => name === "Location" ? url : taken.header(name),
    };
  }

  async #take(request: UploadRequest, held: Held): Promise<UploadReply> {
    if (request.body) {
      held.content = concat([held.content, await bytesOf(request.body)]);
      request.onSent?.(request.body.size);
    }
    if (request.method === "PATCH") {
      held.hash ??= pairs(request.headers["Upload-Metadata"] ?? "")["sha256"];
    }
    if (held.content.length < held.size || held.hash === undefined) {
      return reply(204, { "Upload-Offset": String(held.content.length) });
    }
    this.held.delete(request.url);
    if (sha256(held.content) !== held.hash) return reply(460, {}, `{"detail":"Other content"}`);
    const path = this.files.has(held.path) && held.ifExists !== "overwrite"
      ? `${held.path} v2`
      : held.path;
    this.files.set(path, held.content);
    this.#finished.set(request.url, path);
    return reply(204, this.#stored(path));
  }

  #stored(path: string): Record<string, string> {
    const content = this.files.get(path)!;
    return {
      "Upload-Offset": String(content.length),
      "Upload-Length": String(content.length),
      "Content-Location": encodeURI(path),
      "Repr-Digest": digestField(content),
    };
  }
}

function reply(status: number, headers: Record<string, string>, body = ""): UploadReply {
  return { status, header: (name) => headers[name] ?? null, body };
}

function digestField(content: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(content).digest("base64")}:`;
}

function pairs(field: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (field ?? "").split(",")) {
    const [key, value] = pair.split(" ");
    if (key && value) found[key] = new TextDecoder().decode(Uint8Array.fromBase64(value));
  }
  return found;
}

async function bytesOf(body: Blob): Promise<Uint8Array> {
  return new Uint8Array(await body.arrayBuffer());
}
