import type { Random } from "../common/random.ts";
import type { NodesPlace } from "./nodes_place.ts";

/** Longest times that a killed node stays away, and that one is frozen: below and above a lease, ms. */
const MAX_DOWN_MS = 3000;
const FREEZES_MS = [500, 800, 2000, 4000, 9000, 24_000];

/** Lets nodes and PostgreSQL fail, one after the other. */
export class NodesChaos {
  readonly counts: Record<string, number> = {};

  constructor(private readonly place: NodesPlace, private readonly random: Random) {}

  /** Lets one thing fail, and go on again. */
  async strike(): Promise<void> {
    const { place, random } = this;
    const kinds = ["kill -9", "kill -9", "stop", "freeze", "freeze", "PostgreSQL"] as const;
    const kind = random.pick([...kinds]);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const name = random.pick(place.names);
    const downMs = random.below(MAX_DOWN_MS);
    if (kind === "kill -9") await place.restart(name, "SIGKILL", downMs);
    else if (kind === "stop") await place.restart(name, "SIGTERM", downMs);
    else if (kind === "freeze") await place.freeze(name, random.pick(FREEZES_MS));
    else await place.restartPostgres();
  }
}
