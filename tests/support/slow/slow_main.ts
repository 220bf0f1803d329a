/** The server whose workers write late: `slow_writes.ts` in each of them. Only tests start it. */

const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(_worker: string | URL, options?: WorkerOptions) {
    super(new URL("./slow_worker.ts", import.meta.url), options);
  }
};

await import("../../../main.ts");
