/** Counts of what happens in one worker, for who watches the server. */
import type { AuditActor, AuditEvent, AuditSink } from "./audit.ts";

/** Numbers by series: a name, and labels with their values, as `name{label="value"}`. */
export type Counts = Record<string, number>;

/** Upper bounds of how long something takes, s. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

/** A series that only grows. */
export interface Counter {
  value: number;
}

/** How long something took: the number of times up to each bound, their sum and their number. */
interface Histogram {
  buckets: { bound: number; counter: Counter }[];
  sum: Counter;
  count: Counter;
}

/** Counters of one worker, summed up by `/metrics`. All series begin with `towpath_`. */
export class Counters {
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #gauges = new Map<string, () => number>();

  /** Adds to a series that only grows. */
  add(name: string, labels: Readonly<Record<string, string>> = {}, amount = 1): void {
    this.counter(name, labels).value += amount;
  }

  /** A series that only grows, made where there is none: to be kept where it grows often. */
  counter(name: string, labels: Readonly<Record<string, string>> = {}): Counter {
    const key = series(name, labels);
    let counter = this.#counters.get(key);
    if (counter === undefined) this.#counters.set(key, counter = { value: 0 });
    return counter;
  }

  /** Adds how long something took to a histogram. */
  took(name: string, ms: number, labels: Readonly<Record<string, string>> = {}): void {
    this.timer(name, labels)(ms);
  }

  /** Returns what adds a duration, in ms, to a histogram: to be kept where it is called often. */
  timer(name: string, labels: Readonly<Record<string, string>> = {}): (ms: number) => void {
    const { buckets, sum, count } = this.#histogram(name, labels);
    return (ms) => {
      const seconds = ms / 1000;
      for (const { bound, counter } of buckets) if (seconds <= bound) counter.value++;
      sum.value += seconds;
      count.value++;
    };
  }

  #histogram(name: string, labels: Readonly<Record<string, string>>): Histogram {
    const of = series(name, labels);
    let histogram = this.#histograms.get(of);
    if (histogram === undefined) {
      const buckets = [...SECONDS, Infinity].map((bound) => {
        const le = bound === Infinity ? "+Inf" : String(bound);
        return { bound, counter: this.counter(`${name}_bucket`, { ...labels, le }) };
      });
      const sum = this.counter(`${name}_sum`, labels);
      const count = this.counter(`${name}_count`, labels);
      this.#histograms.set(of, histogram = { buckets, sum, count });
    }
    return histogram;
  }

  /** Registers a series whose value is read at each scrape. */
  gauge(name: string, labels: Readonly<Record<string, string>>, read: () => number): void {
    this.#gauges.set(series(name, labels), read);
  }

  /** All series now. */
  snapshot(): Counts {
    const counts: Counts = {};
    for (const [key, { value }] of this.#counters) counts[key] = value;
    for (const [key, read] of this.#gauges) counts[key] = read();
    return counts;
  }
}

/** A series' key. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

/** The sums of several workers' counts. */
export function summed(all: readonly Counts[]): Counts {
  const sums: Counts = {};
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

interface TransferCounters {
  readonly bytes: Counter;
  readonly took: (ms: number) => void;
}

/** A kind of event, with its counters. */
interface Kind extends Pick<AuditEvent, "action" | "result">, Pick<AuditActor, "door"> {
  readonly counter: Counter;
  transfer?: TransferCounters;
}

/** Counts audit events of all doors (protocols) on their way to the sink. */
export function counted(sink: AuditSink, counters: Counters): AuditSink {
  // Kept, as every small file is an event: putting a series' name together takes longer than all
  // the rest.
  const actions = new Map<string, Counter>();
  /** The kind of the last event: many small files are of one. */
  let last: Kind | undefined;
  const transfers = new Map<string, TransferCounters>();
  const transfersOf = (direction: string, door: string) => ({
    bytes: counters.counter("towpath_transfer_bytes_total", { direction, door }),
    took: counters.timer("towpath_transfer_seconds", { direction }),
  });
  return {
    write(actor: AuditActor, event: AuditEvent) {
      const { action, result, bytes, ms } = event;
      const { door } = actor;
      if (last?.action !== action || last.door !== door || last.result !== result) {
        const key = `${action} ${door} ${result}`;
        const labels = { action, door, result };
        const make = () => counters.counter("towpath_actions_total", labels);
        last = { ...labels, counter: kept(actions, key, make) };
      }
      last.counter.value++;
      if (bytes !== undefined && (action === "upload" || action === "download")) {
        last.transfer ??= kept(transfers, `${action} ${door}`, () => transfersOf(action, door));
        last.transfer.bytes.value += bytes;
        last.transfer.took(ms ?? 0);
      }
      sink.write(actor, event);
    },
  };
}

/** The value of a key, made at its first use. */
function kept<T>(values: Map<string, T>, key: string, make: () => T): T {
  let value = values.get(key);
  if (value === undefined) values.set(key, value = make());
  return value;
}
