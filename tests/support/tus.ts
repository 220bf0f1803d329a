/** A client of tus that sends what a test says. */
import { assertEquals } from "@std/assert";
import type { Answer, WebProgram } from "./web_program.ts";

/** Text as base64 of its UTF-8. */
export function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** Client of tus. */
export class Tus {
  constructor(readonly program: WebProgram) {}

  /** Sends a request with metadata. */
  ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    metadata?: Record<string, string>,
    body?: BodyInit,
  ): Promise<Answer> {
    const pairs = Object.entries(metadata ?? {}).map(([key, value]) => `${key} ${base64(value)}`);
    return this.program.ask(path, {
      method,
      headers: {
        "tus-resumable": "1.0.0",
        ...(metadata ? { "upload-metadata": pairs.join(",") } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Creates an upload. @returns its address */
  async create(length: number, metadata: Record<string, string>): Promise<string> {
    const headers = { "upload-length": String(length) };
    const created = await this.ask("POST", "/tus/", headers, metadata);
    assertEquals(created.status, 201, created.text);
    return created.headers.get("location")!;
  }

  /** Creates an upload of all that is there. */
  createWith(body: string, metadata: Record<string, string>): Promise<Answer> {
    const headers = {
      "upload-length": String(new TextEncoder().encode(body).length),
      "content-type": "application/offset+octet-stream",
    };
    return this.ask("POST", "/tus/", headers, metadata, body);
  }

  /** Sends a piece. */
  patch(
    location: string,
    offset: number | string,
    body: BodyInit,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.ask(
      "PATCH",
      location,
      {
        "upload-offset": String(offset),
        "content-type": "application/offset+octet-stream",
        ...headers,
      },
      undefined,
      body,
    );
  }

  /** Asks how far an upload is. */
  async head(location: string) {
    const { status, headers } = await this.ask("HEAD", location);
    const length = headers.get("upload-length");
    return {
      status,
      headers,
      offset: Number(headers.get("upload-offset") ?? NaN),
      length: length === null ? undefined : Number(length),
    };
  }
}
