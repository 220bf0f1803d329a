/** Counts of what happens in one worker, for who watches the server. */
import type { AuditActor, AuditEvent, AuditSink } from "./audit.ts";

/** Numbers by series: a name, and labels with their values, as `name{label="value"}`. */
export type Counts = Record<string, number>;

/** Upper bounds of how long something takes, s. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];

interface HistogramKeys {
  buckets: { bound: number; key: string }[];
  sum: string;
  count: string;
}

/** Counters of one worker, summed up by `/metrics`. All series begin with `towpath_`. */
export class Counters {
  readonly #counts = new Map<string, number>();
  readonly #histograms = new Map<string, HistogramKeys>();
  readonly #gauges = new Map<string, () => number>();

  /** Adds to a series that only grows. */
  add(name: string, labels: Readonly<Record<string, string>> = {}, amount = 1): void {
    this.#add(series(name, labels), amount);
  }

  /** Adds how long something took to a histogram. */
  took(name: string, ms: number, labels: Readonly<Record<string, string>> = {}): void {
    const seconds = ms / 1000;
    const { buckets, sum, count } = this.#histogram(name, labels);
    for (const { bound, key } of buckets) this.#add(key, seconds <= bound ? 1 : 0);
    this.#add(sum, seconds);
    this.#add(count, 1);
  }

  /** The keys of a histogram's series, put together once: this is on the way of small files. */
  #histogram(name: string, labels: Readonly<Record<string, string>>): HistogramKeys {
    const of = series(name, labels);
    let keys = this.#histograms.get(of);
    if (keys === undefined) {
      const buckets = [...SECONDS, Infinity].map((bound) => {
        const le = bound === Infinity ? "+Inf" : String(bound);
        return { bound, key: series(`${name}_bucket`, { ...labels, le }) };
      });
      const [sum, count] = [series(`${name}_sum`, labels), series(`${name}_count`, labels)];
      this.#histograms.set(of, keys = { buckets, sum, count });
    }
    return keys;
  }

  #add(key: string, amount: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount);
  }

  /** Registers a series whose value is read at each scrape. */
  gauge(name: string, labels: Readonly<Record<string, string>>, read: () => number): void {
    this.#gauges.set(series(name, labels), read);
  }

  /** All series now. */
  snapshot(): Counts {
    const counts = Object.fromEntries(this.#counts);
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

/** Counts audit events of all doors (protocols) on their way to the sink. */
export function counted(sink: AuditSink, counters: Counters): AuditSink {
  return {
    write(actor: AuditActor, event: AuditEvent) {
      const { action, result, bytes, ms } = event;
      const { door } = actor;
      counters.add("towpath_actions_total", { action, door, result });
      if (bytes !== undefined && (action === "upload" || action === "download")) {
        counters.add("towpath_transfer_bytes_total", { direction: action, door }, bytes);
        counters.took("towpath_transfer_seconds", ms ?? 0, { direction: action });
      }
      sink.write(actor, event);
    },
  };
}
