/** Budgets and places in PostgreSQL, for the workers of all nodes. */
import type { BudgetGrant, BudgetRequest, SharedLimits } from "../../contract/shared_limits.ts";
import type { Database } from "../postgres/database.ts";

/** Most requests of one statement. */
const MAX_GATHERED = 200;

interface Place {
  readonly name: string;
  readonly places: number;
  readonly max: number;
}

/** Limits in PostgreSQL. What is asked while a statement runs shares the next one. */
export class PostgresLimits implements SharedLimits {
  readonly #budgets: Gathered<BudgetRequest, BudgetGrant>;
  readonly #places: Gathered<Place, boolean>;

  /** @param member the worker's id on the bus */
  constructor(private readonly database: Database, member: string) {
    this.#budgets = new Gathered(async (requests) => {
      const wanted = requests.map(({ name, unitUs, units, burstUs, mayWait }) => [
        ...[name, unitUs, units, burstUs, mayWait],
      ]);
      // Not repeated: what was taken without an answer is used by none.
      const [row] = await database.query((sql) =>
        sql`SELECT budgets_take(${sql.json(wanted)}) AS answers`
      );
      return (row!["answers"] as [number, number][]).map(([units, waitUs]) => ({
        units,
        waitMs: waitUs / 1000,
      }));
    });
    this.#places = new Gathered(async (places) => {
      const wanted = places.map(({ name, places, max }) => [
        ...[name, places, max === Infinity ? null : max],
      ]);
      const [row] = await database.repeat((sql) =>
        sql`SELECT places_hold(${member}, ${sql.json(wanted)}) AS answers`
      );
      return row!["answers"] as boolean[];
    });
  }

  take(request: BudgetRequest): Promise<BudgetGrant> {
    return this.#budgets.ask(request);
  }

  hold(name: string, places: number, max: number): Promise<boolean> {
    return this.#places.ask({ name, places, max });
  }

  /** The tables are empty after a crash of the database, which ends every connection. */
  onForgotten(forgotten: () => void): void {
    this.database.listen("towpath_limits", () => {}, forgotten)
      .catch(() => {}); // it is listened to again with the other channels
  }
}

/** Questions that are asked together, one group at a time, in their order. */
class Gathered<Question, Answer> {
  readonly #waiting: { question: Question; answered: PromiseWithResolvers<Answer> }[] = [];
  #isAsking = false;

  constructor(private readonly askAll: (questions: readonly Question[]) => Promise<Answer[]>) {}

  ask(question: Question): Promise<Answer> {
    const answered = Promise.withResolvers<Answer>();
    this.#waiting.push({ question, answered });
    if (!this.#isAsking) void this.#run();
    return answered.promise;
  }

  async #run(): Promise<void> {
    this.#isAsking = true;
    await Promise.resolve(); // for what is asked in the same turn
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_GATHERED);
      try {
        const answers = await this.askAll(group.map(({ question }) => question));
        group.forEach(({ answered }, index) => answered.resolve(answers[index]!));
      } catch (error) {
        for (const { answered } of group) answered.reject(error);
      }
    }
    this.#isAsking = false;
  }
}
