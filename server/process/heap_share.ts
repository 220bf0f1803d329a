import { getHeapStatistics } from "node:v8";

/** Share of its maximum that the heap of this thread takes, from 0 to 1. */
export function heapShare(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return used_heap_size / heap_size_limit;
}
