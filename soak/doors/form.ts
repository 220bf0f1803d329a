/** A browser without script: signs in, posts files by forms, takes directories as ZIP. */
import { bytesOf } from "../common/content.ts";
import { type ClientContext, type DoorClient, Refused } from "../common/door_client.ts";
import { Connections } from "./http.ts";

/** The session of one browser: its cookies, and the requests that a page would send. */
export class Browser {
  #connections: Connections | undefined;
  #cookies = new Map<string, string>();
  #csrf: string | undefined;

  constructor(readonly context: ClientContext) {}

  /** Sends a request as a page of the server would. */
  async fetch(path: string, options: { method?: string; body?: BodyInit } = {}): Promise<Response> {
    const { place } = this.context;
    const { web } = await place.ports();
    this.#connections ??= new Connections(place.ca);
    const reply = await fetch(`https://localhost:${web}${path}`, {
      ...options,
      client: this.#connections.for(options.method ?? "GET"),
      redirect: "manual",
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(options.method ? { origin: `https://localhost:${web}` } : {}),
      },
    });
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      this.#cookies.set(name!, value!);
    }
    return reply;
  }

  /** The token of the session, which a sign-in makes where there is none. */
  async csrf(): Promise<string> {
    if (this.#csrf !== undefined) return this.#csrf;
    const { username, password } = this.context.login;
    const body = new URLSearchParams({ username, password, next: "/" });
    await (await this.fetch("/sign-in", { method: "POST", body })).body?.cancel();
    const page = await (await this.fetch("/files/")).text();
    this.#csrf = /<meta name="csrf-token" content="([^"]+)"/.exec(page)?.[1];
    if (this.#csrf === undefined) throw new Error("The sign-in gave no session");
    return this.#csrf;
  }

  /** Drops the session: the next request signs in again. */
  forget(): void {
    this.#csrf = undefined;
    this.#cookies.clear();
  }
}

/** Forms for uploads, `/raw` for downloads. */
export function formDoor(context: ClientContext, browser = new Browser(context)): DoorClient {
  return {
    name: "form",
    versions: false,
    async put(path, content, how) {
      const slash = path.lastIndexOf("/");
      const body = new FormData();
      body.append("if-exists", how);
      body.append("file", new Blob([bytesOf(content)]), path.slice(slash + 1));
      const directory = encodeURIComponent(path.slice(0, slash) || "/");
      const at = `/actions/upload?directory=${directory}&csrf=${await browser.csrf()}`;
      const reply = await browser.fetch(at, { method: "POST", body });
      const text = await reply.text();
      if (reply.status === 303 && /did=uploaded/.test(reply.headers.get("location") ?? "")) {
        return path;
      }
      browser.forget();
      const message = `form ${path}: ${reply.status} ${reply.headers.get("location") ?? ""}`;
      // 400: a form that was broken off, by a failure of the server or of the connection.
      if (reply.status === 400 || reply.status >= 500 && reply.status !== 507) {
        throw new Error(message + text.slice(0, 200));
      }
      throw new Refused(message, [303, 401, 403, 404, 409, 429, 507].includes(reply.status));
    },
    async get(path) {
      await browser.csrf();
      const reply = await browser.fetch(`/raw${path}`);
      const bytes = await reply.bytes();
      if (reply.status === 200) return bytes;
      browser.forget();
      throw new Refused(`/raw${path}: ${reply.status}`, true);
    },
  };
}
