/** A worker of `slow_main.ts`. */
import "./slow_writes.ts";
import "../../../server/process/worker.ts";
