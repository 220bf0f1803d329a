import { StoreError } from "../../storage/contract/error.ts";
import type { Mounts, NewMount } from "../../storage/contract/mount.ts";
import type { MountAnswer, MountChange } from "./mount_change.ts";

/** Makes and ends mounts of a worker: it asks the main thread. */
export class RemoteMounts implements Mounts {
  #next = 0;
  readonly #waiting = new Map<number, (answer: MountAnswer) => void>();

  /** @param ask sends a change to the main thread */
  constructor(private readonly ask: (id: number, change: MountChange) => void) {}

  async add(mount: NewMount) {
    const answer = await this.#change({ add: mount });
    if ("made" in answer) return answer.made;
    throw new TypeError("The main thread answered something else");
  }

  async remove(name: string): Promise<void> {
    await this.#change({ remove: name });
  }

  /** Takes an answer of the main thread. */
  answer(id: number, answer: MountAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  async #change(change: MountChange): Promise<MountAnswer> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<MountAnswer>();
    this.#waiting.set(id, resolve);
    this.ask(id, change);
    const answer = await promise;
    if ("kind" in answer) throw new StoreError(answer.kind, answer.message);
    return answer;
  }
}
