/** The server with passwords that are hashed at once, for tests that start it and log in often. */
import "./passwords.ts";

const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(_worker: string | URL, options?: WorkerOptions) {
    super(new URL("./worker.ts", import.meta.url), options);
  }
};

await import("../../../main.ts");
