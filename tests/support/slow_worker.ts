/** A worker of `slow_main.ts`. */
import "./slow_writes.ts";
import "../../server/worker.ts";
