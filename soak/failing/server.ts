/** The server, with workers that fail when a test asks them to (worker.ts beside this file). */

const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(_worker: string | URL, options?: WorkerOptions) {
    super(new URL("./worker.ts", import.meta.url), options);
  }
};

await import("../../main.ts");
