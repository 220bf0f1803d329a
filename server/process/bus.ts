/** The bus between the workers of one server, and its main thread, over a BroadcastChannel. */
import { getLogger } from "@logtape/logtape";
import type { Answers, Bus, Questions } from "../../storage/monitor/bus.ts";

/** Timeout of a question: a worker that does not answer in this time is busy or gone. */
const TIMEOUT_MS = 1000;

const log = getLogger(["towpath", "bus"]);

type Message =
  | { type: "question"; id: string; name: keyof Questions; question: unknown }
  | { type: "answer"; id: string; answer: unknown };

interface Asked {
  answers: unknown[];
  done: () => void;
}

/** The name of the channel of all workers on a data directory. */
export function busName(data: string): string {
  return `towpath ${data}`;
}

/** Bus over a BroadcastChannel. */
export class ChannelBus implements Bus {
  readonly #channel: BroadcastChannel;
  readonly #asked = new Map<string, Asked>();
  #answers: Answers | undefined;

  /** @param others number of workers that answer, without this one */
  constructor(name: string, private readonly others: number) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === "answer") this.#collect(data.id, data.answer);
      else this.#reply(data.id, data.name, data.question);
    };
  }

  listen(answers: Answers): void {
    this.#answers = answers;
  }

  async ask<Q extends keyof Questions>(
    name: Q,
    question: Questions[Q]["question"],
  ): Promise<Questions[Q]["answer"][]> {
    if (this.others === 0) return [];
    const id = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked: Asked = { answers: [], done: resolve };
    this.#asked.set(id, asked);
    const timer = setTimeout(resolve, TIMEOUT_MS);
    this.#channel.postMessage({ type: "question", id, name, question } satisfies Message);
    await promise;
    clearTimeout(timer);
    this.#asked.delete(id);
    return asked.answers as Questions[Q]["answer"][];
  }

  close(): void {
    for (const { done } of this.#asked.values()) done();
    this.#channel.close();
  }

  #collect(id: string, answer: unknown): void {
    const asked = this.#asked.get(id);
    asked?.answers.push(answer);
    if (asked?.answers.length === this.others) asked.done();
  }

  async #reply(id: string, name: keyof Questions, question: unknown): Promise<void> {
    if (this.#answers === undefined) return;
    try {
      const answer = await this.#answers[name](question as never);
      this.#channel.postMessage({ type: "answer", id, answer } satisfies Message);
    } catch (error) {
      log.error("Another worker's question could not be answered: {error}", { name, error });
    }
  }
}
