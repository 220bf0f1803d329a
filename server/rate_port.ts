/** Budgets of rates that several workers share: the main thread keeps them and grants leases. */
import type { RateGranter, RateRequest } from "./rate_limit.ts";

/** What a worker takes of a budget at once. */
const LEASE_MS = 50;
/** A grant that does not come in this time: the main thread is gone or stopped. */
const GRANT_TIMEOUT_MS = 2000;

interface Asked {
  id: number;
  request: RateRequest;
}

interface Granted {
  id: number;
  waitMs: number;
}

/** Answers a worker's requests. @returns the port for the worker */
export function grantThrough(granter: RateGranter): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = async ({ data: { id, request } }: MessageEvent<Asked>) => {
    const waitMs = await granter.grant(request);
    port1.postMessage({ id, waitMs } satisfies Granted);
  };
  return port2;
}

/** The main thread's budgets, as a worker asks for them. */
export class RemoteBuckets implements RateGranter {
  readonly leaseMs = LEASE_MS;
  readonly #asked = new Map<number, (waitMs: number) => void>();
  #lastId = 0;

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data: { id, waitMs } }: MessageEvent<Granted>) => {
      this.#asked.get(id)?.(waitMs);
      this.#asked.delete(id);
    };
  }

  grant(request: RateRequest): Promise<number> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#asked.set(id, resolve);
    const timer = setTimeout(() => {
      this.#asked.delete(id);
      resolve(0);
    }, GRANT_TIMEOUT_MS);
    this.port.postMessage({ id, request } satisfies Asked);
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.port.close();
  }
}
