/** The bus between the workers of all nodes, over notifications of PostgreSQL. */
import type { Answers, Bus, Questions, WorkerLoad } from "../../monitor/bus.ts";
import type { Member, PostgresBusOptions, WorkerFigures } from "./members.ts";
import { PostgresLimits } from "./postgres_limits.ts";
import type { Database } from "../postgres/database.ts";

const TIMEOUT_MS = 2000;
const BEAT_MS = 2000;
/** A worker that gave no sign of life for this long is silent: it misses two of them, ms. */
const SILENT_MS = 5000;
/** How long a worker counts as silent after it left a question unanswered, ms. */
const LATE_MS = 10_000;
/** By how much more is looked up of what may have been missed, ms. */
const MISSED_SLACK_MS = 10_000;
/** Channel of the questions. */
const QUESTIONS = "towpath_bus";

type Message =
  | { beat: true }
  | { ref: string }
  | {
    id: string;
    from: string;
    name: keyof Questions;
    question: unknown;
    /** Only members of this node are asked. */
    node?: string;
  }
  | { id: string; from: string; answer: unknown };

interface Asked {
  readonly answers: unknown[];
  /** Members that are to answer; undefined: not known yet. */
  expected: Set<string> | undefined;
  readonly answered: Set<string>;
  readonly done: () => void;
}

/** Bus over notifications. Each worker of each node is a member of its own. */
export class PostgresBus implements Bus {
  /** Changes of accounts are notified on the connection on which questions are heard, in order. */
  readonly followsChanges = true;
  readonly member: string = crypto.randomUUID();
  readonly limits: PostgresLimits;
  readonly #channel = `${QUESTIONS}_${this.member}`;
  readonly #asked = new Map<string, Asked>();
  #answers: Answers | undefined;
  #load: () => WorkerLoad = () => ({ sessions: 0, transfers: 0, isDraining: false });
  #beatMs = 0;
  #lagMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When something was heard last, by `performance.now()`. */
  #heardMs = 0;
  /** Since when questions may have been missed; undefined: none were. */
  #missedSinceMs: number | undefined;
  /** Members that left a question unanswered, and when. */
  readonly #late = new Map<string, number>();
  /** Signs of life that this member gave, without hearing of them. */
  #unheard = 0;
  /** Whether another server of this name was running at the last sign of life. */
  #hasNamesake = false;

  constructor(private readonly database: Database, private readonly options: PostgresBusOptions) {
    this.limits = new PostgresLimits(database, this.member);
  }

  /** Joins the bus: from now on this member hears the others, and they count on its answers. */
  async join(): Promise<void> {
    const heard = (payload: string) => void this.#hear(payload);
    this.#heardMs = performance.now();
    await this.database.listen(QUESTIONS, heard, () => void this.#listening());
    await this.database.listen(this.#channel, heard);
    // Those of this node that were killed, as in its start before.
    const { node } = this.options;
    await this.database.query((sql) =>
      sql`DELETE FROM members WHERE node = ${node} AND beat < now() - interval '10 s'`
    );
    await this.#beat();
    this.#timer = setInterval(() => this.#tick(), this.options.beatMs ?? BEAT_MS);
  }

  listen(answers: Answers): void {
    this.#answers = answers;
  }

  show(load: () => WorkerLoad): void {
    this.#load = load;
  }

  /** @throws {StoreError} `unreachable`: the question reached no other */
  async ask<Q extends keyof Questions>(
    name: Q,
    question: Questions[Q]["question"],
    among: "all" | "node" = "all",
  ): Promise<Questions[Q]["answer"][]> {
    const id = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    const [answers, answered] = [[], new Set<string>()];
    const asked: Asked = { answers, answered, expected: undefined, done: resolve };
    this.#asked.set(id, asked);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const node = among === "node" ? this.options.node : undefined;
      const asking = { id, from: this.member, name, question, ...(node && { node }) };
      const message = JSON.stringify(asking satisfies Message);
      if (name === "end") await this.#keep(question as Questions["end"]["question"]);
      const others = await this.database.query((sql) =>
        sql`SELECT a.member FROM bus_ask(${this.member}, ${message}) AS a (member)
          JOIN members m ON m.member = a.member
          WHERE ${node ?? null}::text IS NULL OR m.node = ${node ?? null}::text`
      );
      asked.expected = new Set(others.map(({ member }) => member));
      timer = setTimeout(resolve, this.options.timeoutMs ?? TIMEOUT_MS);
      this.#settle(asked);
      await promise;
      const late = asked.expected.difference(asked.answered);
      for (const member of late) this.#late.set(member, performance.now());
      return asked.answers as Questions[Q]["answer"][];
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  /** Nodes with a worker that has been silent lately. */
  async silent(): Promise<string[]> {
    const soMs = performance.now() - LATE_MS;
    for (const [member, atMs] of this.#late) if (atMs < soMs) this.#late.delete(member);
    const late = [...this.#late.keys()];
    const rows = await this.database.query((sql) =>
      sql`SELECT DISTINCT node FROM members WHERE figures ? 'version'
        AND (beat < now() - ${SILENT_MS}::int * interval '1 ms'
          OR member IN (SELECT jsonb_array_elements_text(${sql.json(late)})))
        ORDER BY node`
    );
    return rows.map(({ node }) => node as string);
  }

  /** The members that are alive, by node. */
  async members(): Promise<Member[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT member, node, floor(extract(epoch FROM since) * 1000)::float8 AS "sinceMs",
        floor(extract(epoch FROM now() - beat) * 1000)::float8 AS "silentMs", figures
        FROM members_alive() ORDER BY node, since, member`
    );
    return rows.map((row) => ({ ...row }) as Member);
  }

  /** No answers come from here any more, and the others learn of it. */
  close(): void {
    this.leave().catch(() => {}); // they notice its silence
  }

  /** As {@linkcode PostgresBus.close}; resolves once the others know. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    this.#answers = undefined;
    for (const { done } of this.#asked.values()) done();
    await this.database.query((sql) => sql`DELETE FROM members WHERE member = ${this.member}`);
  }

  async #beat(): Promise<void> {
    this.#unheard++;
    const figures = this.#figures();
    this.#beatMs = performance.now();
    const { node, server } = this.options;
    const [row] = await this.database.query((sql) =>
      sql`SELECT bus_beat(${this.member}, ${node}, ${this.#channel}, ${sql.json({ ...figures })}),
        EXISTS (SELECT FROM members own JOIN members other ON other.node = own.node
          WHERE own.member = ${this.member} AND other.figures->>'instance' <> ${
        server?.instance ?? ""
      }
            -- One that was killed gave its last sign of life before.
            AND other.beat > own.since AND other.beat > now() - interval '10 s') AS namesake`
    );
    if (row!["namesake"] && !this.#hasNamesake) server?.onNamesake?.();
    this.#hasNamesake = row!["namesake"];
  }

  #figures(): Partial<WorkerFigures> {
    const { server } = this.options;
    if (server === undefined) return {};
    const { version, instance } = server;
    const { used: poolUsed, size: poolSize } = this.database;
    return { ...this.#load(), version, instance, poolUsed, poolSize, lagMs: this.#lagMs };
  }

  /** A worker that cannot hear the question now ends the session once it hears again. */
  async #keep({ which, reason }: Questions["end"]["question"]): Promise<void> {
    if (!("sessionId" in which)) return; // others end by what they are: an account, a token
    await this.database.repeat((sql) => sql`SELECT session_end(${which.sessionId}, ${reason})`);
  }

  /** Listens, at first or again: what came between is not known. */
  async #listening(): Promise<void> {
    this.#missedSinceMs ??= this.#heardMs;
    await this.#catchUp().catch(() => {}); // the next sign of life tries again
  }

  /** Ends sessions that others have ended while nothing was heard here. */
  async #catchUp(): Promise<void> {
    const sinceMs = this.#missedSinceMs;
    if (sinceMs === undefined || this.#answers === undefined) return;
    const missedMs = performance.now() - sinceMs + MISSED_SLACK_MS;
    const rows = await this.database.repeat((sql) =>
      sql`SELECT session, reason FROM ended_sessions WHERE at > now() - ${missedMs}::float8 * interval '1 ms'`
    );
    for (const { session: sessionId, reason } of rows) {
      await this.#answers.end({ which: { sessionId }, reason });
    }
    this.#missedSinceMs = undefined;
  }

  /** A connection on which nothing is heard any more is replaced: packets may be lost silently. */
  async #tick(): Promise<void> {
    try {
      if (this.#unheard >= 2) {
        this.#unheard = 0;
        await this.database.listenAgain();
      }
      await this.#beat();
      await this.#catchUp();
    } catch (error) {
      this.options.onError?.("This worker cannot reach the others", error);
    }
  }

  async #hear(payload: string): Promise<void> {
    try {
      let message = JSON.parse(payload) as Message;
      this.#heardMs = performance.now();
      if ("beat" in message) {
        this.#unheard = 0;
        this.#lagMs = Math.round((performance.now() - this.#beatMs) * 10) / 10;
      }
      if ("ref" in message) message = await this.#fetch(message.ref);
      if ("answer" in message) this.#collect(message);
      if ("question" in message && this.#isMeant(message)) await this.#reply(message);
    } catch (error) {
      this.options.onError?.("A message of another worker could not be handled", error);
    }
  }

  #isMeant({ from, node = this.options.node }: Extract<Message, { question: unknown }>): boolean {
    return from !== this.member && node === this.options.node;
  }

  async #fetch(id: string): Promise<Message> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT body FROM bus_messages WHERE id = ${id}`
    );
    return JSON.parse(row?.["body"] ?? '{"beat":true}');
  }

  async #reply({ id, from, name, question }: Extract<Message, { question: unknown }>) {
    if (this.#answers === undefined) return;
    const answer = await this.#answers[name](question as never);
    const message = JSON.stringify({ id, from: this.member, answer } satisfies Message);
    await this.database.query((sql) => sql`SELECT bus_send(${`${QUESTIONS}_${from}`}, ${message})`);
  }

  #collect({ id, from, answer }: Extract<Message, { answer: unknown }>): void {
    const asked = this.#asked.get(id);
    if (asked === undefined || asked.answered.has(from)) return;
    asked.answered.add(from);
    asked.answers.push(answer);
    this.#settle(asked);
  }

  #settle({ expected, answered, done }: Asked): void {
    if (expected !== undefined && [...expected].every((member) => answered.has(member))) done();
  }
}
