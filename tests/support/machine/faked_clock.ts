/** A machine's clock that tests set, by libfaketime. Programs run at their own speed all the same. */

const NAME = "faketime/libfaketimeMT.so.1";

/** Where Linux distributions have the library; undefined where it is not installed. */
const library = ["x86_64-linux-gnu", "aarch64-linux-gnu", ""]
  .map((directory) => `/usr/lib/${directory}/${NAME}`)
  .find((path) => exists(path));

/** Whether tests with such a clock are left out: in CI they fail instead. */
export const withoutFakedClock = library === undefined && !Deno.env.get("CI");

/** A clock that is ahead by so much, or behind. */
export class FakedClock implements Disposable {
  readonly #file = Deno.makeTempFileSync();

  constructor() {
    this.set(0);
  }

  /** The environment of programs that are to have it. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: library ?? NAME,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Sets it so many days ahead of the right time; programs that run see it within a second. */
  set(days: number): void {
    Deno.writeTextFileSync(this.#file, `${days < 0 ? "" : "+"}${days}d\n`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#file);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
