/** Connections of readings that ended, which the next readings take again. */
interface Pool {
  readonly client: Deno.HttpClient;
  /** Readings that run on its connections. */
  readings: number;
}

/**
 * The connections of `fetch`. Where one falls silent, others may be as dead: further readings open new
 * ones, and the old ones are closed once the readings on them have ended.
 */
export class ReadingConnections {
  #pool: Pool;
  #isClosed = false;

  /** @param ca certificates in PEM that sign the server's; undefined: those the machine trusts */
  constructor(private readonly ca: string | undefined) {
    this.#pool = this.#open();
  }

  /** Begins a reading. */
  take(): TakenConnections {
    const pool = this.#pool;
    pool.readings++;
    let isEnded = false;
    return {
      client: pool.client,
      silent: () => {
        if (this.#pool === pool && !this.#isClosed) this.#pool = this.#open();
      },
      end: () => {
        if (isEnded) return;
        isEnded = true;
        pool.readings--;
        if (pool.readings === 0 && (this.#isClosed || this.#pool !== pool)) pool.client.close();
      },
    };
  }

  /** Closes those that no reading uses; the others are closed behind their readings. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pool.readings === 0) this.#pool.client.close();
  }

  #open(): Pool {
    const { ca } = this;
    return {
      client: Deno.createHttpClient(ca === undefined ? {} : { caCerts: [ca] }),
      readings: 0,
    };
  }
}

/** The connections of one reading. */
export interface TakenConnections {
  readonly client: Deno.HttpClient;
  /** A connection does not answer: later readings use other ones. */
  silent(): void;
  /** The reading has ended. */
  end(): void;
}
