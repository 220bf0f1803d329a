import { join } from "@std/path";
import { assertRejects } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import { addressMemory } from "../../../server/admission/address_counts.ts";
import { connectionCounter } from "../../../server/admission/limits.ts";
import type { PlainRecord } from "../../../server/monitor/log_record.ts";
import { bucketMemory } from "../../../server/admission/bucket_table.ts";
import { NO_LIMITS } from "../../../server/admission/limit_sets.ts";
import { policyOf } from "../../../server/admission/policy_options.ts";
import { readOptions } from "../../../server/options/read.ts";
import { WorkerHandle } from "../../../server/process/worker_handle.ts";

function startWorker(data: string, logs: PlainRecord[] = []): WorkerHandle {
  const { options } = readOptions({ args: [], variable: () => undefined, directory: data });
  const doors = [{ name: "native" as const, host: "127.0.0.1", port: 0 }];
  const connections = connectionCounter();
  return new WorkerHandle(
    {
      index: 0,
      uptimeMs: 0,
      holder: "test",
      recover: "all",
      data,
      options,
      policy: policyOf(options, NO_LIMITS),
      cert: "no certificate",
      key: "",
      doors,
      listeners: 1,
      connections,
      cell: 0,
      descriptors: { places: 1000, held: 16 },
      expectedBytes: new SharedArrayBuffer(8),
      arrivals: new SharedArrayBuffer(8),
      addresses: addressMemory(1),
      requests: bucketMemory(),
      rates: bucketMemory(),
    },
    { write: (record) => logs.push(record), audit() {}, web() {} },
  );
}

Deno.test("a worker that cannot start says why, and keeps saying it", async () => {
  const data = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const noDoor = startWorker(data);
    assertErrorLike(await assertRejects(() => noDoor.ready()), {
      name: "ExitError",
      message: /Cannot listen/,
    });
    assertErrorLike(await assertRejects(() => noDoor.failed()), { name: "ExitError" });
    noDoor.terminate();

    Deno.writeTextFileSync(join(data, "catalog.db"), "garbage");
    const noCatalog = startWorker(data);
    assertErrorLike(await assertRejects(() => noCatalog.ready()), {
      name: "ExitError",
      message: /catalog/,
    });
    noCatalog.terminate();
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});
