/** One user of the server: changes files of a directory of its own, and checks what it reads. */
import { delay } from "@std/async";
import { putInTwo } from "./blind.ts";
import { burst } from "./bursts.ts";
import type { Random } from "./common/random.ts";
import { bytesOf, type Content, firstDifference, randomContent } from "./common/content.ts";
import { type ClientContext, type DoorClient, type Home, Refused } from "./common/door_client.ts";
import { Browser } from "./doors/form.ts";
import { Http } from "./doors/http.ts";
import type { Model } from "./model.ts";
import { moveUnderUploads } from "./moves.ts";
import type { Log, User } from "./user.ts";

/** Names in an actor's directory. */
const NAMES = Array.from({ length: 10 }, (_, index) => `f${index}`);

/** Uses the server as one account does, by all of its doors. */
export class Actor implements User {
  readonly http: Http;
  readonly #browser: Browser;
  #waiting: PromiseWithResolvers<void> | undefined;
  #parked = Promise.withResolvers<void>();
  #ended = false;

  constructor(
    readonly id: string,
    /** As its account sees it. */
    readonly directory: string,
    readonly context: ClientContext,
    readonly doors: readonly DoorClient[],
    readonly model: Model,
    readonly random: Random,
    readonly log: Log,
  ) {
    this.http = new Http(context);
    this.#browser = new Browser(context);
  }

  get home(): Home {
    return this.context.home;
  }

  /** Works until the load ends. */
  async run(): Promise<void> {
    while (true) {
      if (this.#waiting !== undefined) {
        this.#parked.resolve();
        await this.#waiting.promise;
      }
      if (this.#ended) return;
      try {
        await this.#step();
      } catch (error) {
        if (error instanceof Refused) {
          this.log.count("refused");
          if (!error.expected) this.log.surprise(`${this.id}: ${error.message}`);
        } else {
          this.log.count("lost");
          const text = String(error);
          if (/: 500 |UNKNOWN|"ERROR"|unexpectedly/.test(text)) {
            this.log.surprise(`${this.id}: ${text}`);
          }
          await delay(20);
        }
      }
    }
  }

  /** Resolves once it does nothing. */
  async park(): Promise<void> {
    this.#waiting ??= Promise.withResolvers();
    await this.#parked.promise;
  }

  /** Goes on, or ends. */
  resume(end = false): void {
    this.#ended = end;
    this.#parked = Promise.withResolvers();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  async #step(): Promise<void> {
    const { random } = this;
    const roll = random.next();
    if (roll < 0.48) await this.#put();
    else if (roll < 0.58) await this.#get();
    else if (roll < 0.68) await this.#remove();
    else if (roll < 0.76) await this.#rename();
    else if (roll < 0.83) await this.#copy();
    else if (roll < 0.88) await this.#version();
    else if (roll < 0.91) await this.#small();
    else if (roll < 0.95) await burst(this);
    else if (roll < 0.98) await moveUnderUploads(this);
    else await this.#zip();
  }

  /** A name whose state is certain, with a file or without. */
  #choose(withFile?: boolean): string | undefined {
    const paths = NAMES.map((name) => `${this.directory}/${name}`).concat(this.model.files());
    const fitting = paths.filter((path) => {
      const state = this.model.at(path);
      return state !== undefined && (withFile === undefined || withFile === (state !== null));
    });
    return fitting.length === 0 ? undefined : this.random.pick(fitting);
  }

  async #put(): Promise<void> {
    const path = this.#choose();
    if (path === undefined) return;
    const door = this.random.pick(this.doors);
    const before = this.model.at(path)!;
    const content = randomContent(this.random);
    const cut = this.random.chance(0.25) ? this.random.next() : undefined;
    this.model.maybe(path, content);
    try {
      const blind = cut !== undefined && content.size > 1 ? door.blind : undefined;
      if (blind === undefined || !await putInTwo(this, blind, path, content, cut!)) {
        await door.put(path, content, "overwrite", cut);
      }
    } catch (error) {
      // A door that tried several times may have been heard the first time.
      if (error instanceof Refused && cut === undefined) this.model.set(path, before);
      throw error;
    }
    this.model.set(path, content);
    this.log.count(cut === undefined ? `put ${door.name}` : `put ${door.name}, cut`);
  }

  async #version(): Promise<void> {
    const path = this.#choose(true);
    const doors = this.doors.filter(({ versions }) => versions);
    if (path === undefined || doors.length === 0 || /_v\d+$/.test(path)) return;
    const content = randomContent(this.random);
    const lost = { base: path, content };
    this.model.floating.push(lost);
    const unlose = () => this.model.floating.splice(this.model.floating.indexOf(lost), 1);
    let stored: string;
    try {
      stored = await this.random.pick(doors).put(path, content, "version", undefined);
    } catch (error) {
      if (error instanceof Refused) unlose();
      throw error;
    }
    unlose();
    if (this.model.at(stored)) {
      this.log.difference(`${this.id}: ${stored} was given to a version and was taken`);
    }
    this.model.set(stored, content);
    this.log.count("version");
  }

  /** Many small files, one behind the other. */
  async #small(): Promise<void> {
    const door = this.random.pick(this.doors);
    for (let i = 0; i < 5; i++) {
      const path = `${this.directory}/small${this.random.below(8)}`;
      if (this.model.at(path) === undefined) continue;
      const before = this.model.at(path)!;
      const content = { seed: this.random.below(2 ** 32), size: this.random.below(2000) };
      this.model.maybe(path, content);
      try {
        await door.put(path, content, "overwrite", undefined);
      } catch (error) {
        if (error instanceof Refused) this.model.set(path, before);
        throw error;
      }
      this.model.set(path, content);
      this.log.count("small");
    }
  }

  async #get(): Promise<void> {
    const path = this.#choose(true);
    if (path === undefined) return;
    const door = this.random.pick(this.doors);
    this.compare(path, this.model.at(path)!, await door.get(path), door.name);
    this.log.count(`get ${door.name}`);
  }

  /** Compares what was read with what must be there. */
  compare(path: string, content: Content, actual: Uint8Array, where: string): void {
    const at = firstDifference(bytesOf(content), actual);
    if (at === undefined) return;
    this.log.difference(
      `${this.id}: ${path} by ${where} differs at byte ${at} ` +
        `(${actual.length} bytes, expected ${content.size} of seed ${content.seed})`,
    );
  }

  async #remove(): Promise<void> {
    const path = this.#choose(true);
    if (path === undefined) return;
    const before = this.model.at(path)!;
    this.model.maybe(path, null);
    await this.#certainly(() => this.http.ask("DELETE", `/api/v1/files${path}`), () => {
      this.model.set(path, before);
    });
    this.model.set(path, null);
    this.log.count("delete");
  }

  async #rename(): Promise<void> {
    const from = this.#choose(true);
    const to = this.#choose(false);
    if (from === undefined || to === undefined) return;
    const content = this.model.at(from)!;
    const lost = { from, to };
    this.model.maybe(from, null);
    this.model.maybe(to, content);
    this.model.renames.push(lost);
    const settle = (moved: boolean) => {
      this.model.set(from, moved ? null : content);
      this.model.set(to, moved ? content : null);
      this.model.renames.splice(this.model.renames.indexOf(lost), 1);
    };
    await this.#certainly(
      () => this.http.json("POST", "/rename", { from, to }),
      () => settle(false),
    );
    settle(true);
    this.log.count("rename");
  }

  async #copy(): Promise<void> {
    const from = this.#choose(true);
    const to = this.#choose();
    if (from === undefined || to === undefined || from === to) return;
    const before = this.model.at(to)!;
    const content = this.model.at(from)!;
    this.model.maybe(to, content);
    await this.#certainly(
      () => this.http.json("POST", "/copy", { from, to, ifExists: "overwrite" }),
      () => this.model.set(to, before),
    );
    this.model.set(to, content);
    this.log.count("copy");
  }

  /** The whole directory as an archive; its own checksums are compared by who unpacks it. */
  async #zip(): Promise<void> {
    await this.#browser.csrf();
    const reply = await this.#browser.fetch(`/zip${this.directory}`);
    const bytes = await reply.bytes();
    if (reply.status !== 200) return this.#browser.forget();
    // The end record: an archive that was cut has none.
    const end = bytes.subarray(-22);
    if (bytes.length < 22 || end[0] !== 0x50 || end[1] !== 0x4b || end[2] !== 5) {
      throw new Error(`${this.id}: the archive was cut`);
    }
    this.log.count("zip");
  }

  async #certainly(work: () => Promise<unknown>, undo: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Refused) undo();
      throw error;
    }
  }
}
