/** The web door: pages for people, an API for programs, and tus uploads, over HTTPS. */
import type { Door, DoorOptions } from "../door/door.ts";
import { makeApp } from "./app.ts";
import { withoutBasePath } from "./request/base_path.ts";
import type { WebServices } from "./request/env.ts";
import { forwardedClient } from "./http/forwarded.ts";
import { HttpError } from "./http/head.ts";
import { HttpsListener } from "./http/listener.ts";
import { LiveSessions } from "./request/live_sessions.ts";

/** Settings of the web door alone. */
export interface WebSettings {
  /** Origins whose pages may use the API and tus, or `*`. */
  readonly corsOrigins: readonly string[];
  /** Whether trusted proxies end TLS, and name the client of each request. @default false */
  readonly isPlain?: boolean;
  /** Path below which the door is reached, without a slash at its end. @default "" */
  readonly basePath?: string;
}

/** Opens the web door. @param settings by default for no other origin */
export function openWebDoor(
  options: DoorOptions,
  settings: WebSettings = { corsOrigins: [] },
): Promise<Door> {
  return Promise.resolve(new WebDoor(options, settings));
}

class WebDoor implements Door {
  readonly name = "web";
  readonly host: string;
  readonly port: number;
  readonly #listener: HttpsListener;
  readonly #sessions: LiveSessions;
  readonly #rests: (() => Promise<void>)[] = [];

  constructor(options: DoorOptions, settings: WebSettings) {
    this.host = options.host;
    this.#sessions = new LiveSessions(options.vault, options.limits.idleTimeoutMs);
    const services: WebServices = {
      ...options,
      ...settings,
      rate: options.limits.rate,
      sessions: this.#sessions,
      onClose: (rest) => this.#rests.push(rest),
    };
    const app = makeApp(services);
    const { isPlain = false, basePath = "" } = settings;
    const inside = (url: string) => withoutBasePath(url, basePath);
    const trustsProxy = options.trustsProxy ?? (() => false);
    this.#listener = new HttpsListener(
      { ...options, isPlain, inside },
      (request, peer, exchange) => {
        const address = isPlain
          ? forwardedClient(request, peer.address, trustsProxy)
          : peer.address;
        if (isPlain && !options.limits.mayConnect(address)) {
          throw new HttpError(403, "This address may not connect");
        }
        const setIdentified = (identified: boolean) => peer.setIdentified(identified);
        return app.fetch(request, { ...exchange, address, setIdentified });
      },
    );
    this.port = this.#listener.port;
    options.vault.counters.gauge(
      "towpath_http_connections",
      {},
      () => this.#listener.connections,
    );
  }

  reload(cert: string, key: string): Promise<void> {
    return this.#listener.reload(cert, key);
  }

  async close(graceMs: number): Promise<void> {
    await this.#listener.close(graceMs);
    await Promise.all(this.#rests.splice(0).map((rest) => rest()));
    this.#sessions.close();
  }
}
