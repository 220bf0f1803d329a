/** Memory that the workers of a server share, with what they count. */
import { addressMemory } from "./address_counts.ts";
import { bucketMemory } from "./bucket_table.ts";
import { connectionCounter, expectedBytes } from "./limits.ts";

/** All of it, as workers are given it. */
export type SharedMemory = ReturnType<typeof sharedMemory>;

/** Makes the memory of a server with this number of workers. */
export function sharedMemory(workers: number) {
  return {
    connections: connectionCounter(workers),
    expectedBytes: expectedBytes(workers),
    arrivals: new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT),
    addresses: addressMemory(workers),
    requests: bucketMemory(),
    rates: bucketMemory(),
  };
}
