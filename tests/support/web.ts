/** A web door in this process over a real store, and a browser-like client of it. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Door } from "../../server/door/door.ts";
import { openWebDoor } from "../../server/web/door.ts";
import {
  type InProcess,
  type InProcessOptions,
  openInProcess,
  PASSWORD,
  register,
} from "./in_process.ts";

/** A server with a native and a web door, and a browser that is signed in as `alice` (rwcd). */
export interface WebBench {
  server: InProcess;
  web: Door;
  alice: WebClient;
  /** A browser that is signed out, or signed in as another account. */
  browser(username?: string): Promise<WebClient>;
}

/** A test with a server (without syncs, unless it asks for them) and a browser. */
export function holdsWeb(
  name: string,
  run: (bench: WebBench) => Promise<void>,
  options: InProcessOptions & { basePath?: string } = {},
): void {
  const { basePath = "" } = options;
  register(name, async () => {
    await using server = await openInProcess({ durability: "relaxed", ...options });
    const web = await openWebDoor(server.doorOptions, { corsOrigins: [], basePath });
    const clients: WebClient[] = [];
    const browser = async (username?: string) => {
      const client = new WebClient(web.port, server.caText, basePath);
      clients.push(client);
      if (username !== undefined) await client.signIn(username);
      return client;
    };
    try {
      await run({ server, web, alice: await browser("alice"), browser });
    } finally {
      for (const client of clients) client.close();
      await web.close(0);
    }
  }, options);
}

/** Options of a request. */
export interface WebRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
  /** Fields of a form, which is then posted. */
  form?: Record<string, string>;
  /** Show the session's token, as our own pages do. @default true */
  csrf?: boolean;
}

/** Keeps cookies and the session's token as a browser would, and follows no redirection. */
export class WebClient {
  readonly cookies = new Map<string, string>();
  /** Token of the page that was loaded last. */
  csrfToken: string | undefined;
  readonly #http: Deno.HttpClient;
  #closed = false;

  /** @param basePath path below which the door is; the paths of requests are without it */
  constructor(readonly port: number, caText: string, readonly basePath = "") {
    this.#http = Deno.createHttpClient({ caCerts: [caText], http2: false });
  }

  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  async signIn(username: string, password = PASSWORD): Promise<void> {
    const reply = await this.fetch("/sign-in", { form: { username, password, next: "/" } });
    await reply.body?.cancel();
    assertEquals(reply.status, 303);
    await this.page("/files/");
  }

  /** Sends a request and keeps the cookies of the reply; the caller reads the body. */
  async fetch(path: string, request: WebRequest = {}): Promise<Response> {
    const { form, csrf = true } = request;
    const headers = new Headers(request.headers);
    const method = request.method ?? (form ? "POST" : "GET");
    if (this.cookies.size > 0 && !headers.has("cookie")) {
      headers.set(
        "cookie",
        [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      );
    }
    const unsafe = method !== "GET" && method !== "HEAD";
    if (unsafe && !headers.has("origin")) headers.set("origin", this.origin);
    let body = request.body;
    if (form) {
      const token = csrf && this.csrfToken !== undefined ? { csrf: this.csrfToken } : {};
      body = new URLSearchParams({ ...form, ...token }).toString();
      headers.set("content-type", "application/x-www-form-urlencoded");
    } else if (csrf && this.csrfToken !== undefined && (unsafe || /^\/(api|tus)\//.test(path))) {
      headers.set("x-csrf-token", this.csrfToken);
    }
    const reply = await fetch(this.origin + this.basePath + path, {
      method,
      headers,
      redirect: "manual",
      client: this.#http,
      ...(body === undefined ? {} : { body }),
    });
    for (const cookie of reply.headers.getSetCookie()) this.#keep(cookie);
    return reply;
  }

  /** Loads a page; remembers its token. @returns its text */
  async page(path: string, status = 200): Promise<string> {
    const reply = await this.fetch(path);
    const text = await reply.text();
    assertStrictEquals(reply.status, status, text);
    this.csrfToken = /<meta name="csrf-token" content="([^"]+)"/.exec(text)?.[1] ?? this.csrfToken;
    return text;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#http.close();
  }

  #keep(cookie: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    if (value === "" || /max-age=0/i.test(cookie)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }
}

/** As {@linkcode holdsWeb}, for tests about files on the disk. */
export const holdsWebOnDisk: typeof holdsWeb = (name, run, options) =>
  holdsWeb(name, run, { ...options, disk: true });
