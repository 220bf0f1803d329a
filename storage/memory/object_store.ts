import { yieldTurn } from "../common/slices.ts";
import { StoreError } from "../contract/error.ts";

/** Objects by name: each is written once as a whole, and is durable once it is written. */
export class ObjectStore {
  readonly #objects = new Map<string, Uint8Array>();

  /** Writes an object. @throws {StoreError} `exists`: an object is never overwritten */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    await yieldTurn();
    if (this.#objects.has(name)) throw new StoreError("exists", `There is an object "${name}"`);
    this.#objects.set(name, bytes.slice());
    await yieldTurn();
  }

  /** An object; it must not be changed. @throws {StoreError} `io` where it is not there */
  async get(name: string): Promise<Uint8Array> {
    await yieldTurn();
    const bytes = this.#objects.get(name);
    if (bytes === undefined) throw new StoreError("io", "A piece of the content is missing");
    return bytes;
  }

  async has(name: string): Promise<boolean> {
    await yieldTurn();
    return this.#objects.has(name);
  }

  async remove(name: string): Promise<void> {
    await yieldTurn();
    this.#objects.delete(name);
  }

  /** Names of all objects. */
  names(): string[] {
    return [...this.#objects.keys()];
  }
}
