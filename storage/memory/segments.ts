/** Content as a list of pieces of immutable objects. */
import { yieldTurn } from "../common/slices.ts";
import type { Content } from "../contract/entry.ts";
import type { ObjectStore } from "./object_store.ts";

/** Bytes of content that are in one object. */
export interface Segment {
  /** Offset in the content. */
  readonly start: number;
  readonly size: number;
  readonly object: string;
}

/** Total bytes of segments. */
export function sizeOf(segments: readonly Segment[]): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.start + last.size;
}

/** The first bytes of content. The objects stay as they are. */
export function cut(segments: readonly Segment[], sizeBytes: number): Segment[] {
  return segments
    .filter(({ start }) => start < sizeBytes)
    .map((at) => ({ ...at, size: Math.min(at.size, sizeBytes - at.start) }));
}

/** One state of content, read from its objects. */
export class SegmentContent implements Content {
  readonly size: number;

  /** @param closed called once it is not read any more */
  constructor(
    private readonly objects: ObjectStore,
    private readonly segments: readonly Segment[],
    readonly mtimeMs: number,
    private readonly closed: () => void = () => {},
  ) {
    this.size = sizeOf(segments);
  }

  async read(into: Uint8Array, offsetBytes: number): Promise<number> {
    const end = Math.min(this.size, offsetBytes + into.length);
    for (const { start, size, object } of this.segments) {
      const [from, to] = [Math.max(start, offsetBytes), Math.min(start + size, end)];
      if (from >= to) continue;
      const bytes = await this.objects.get(object);
      into.set(bytes.subarray(from - start, to - start), from - offsetBytes);
    }
    return Math.max(0, end - offsetBytes);
  }

  async readAsync(into: Uint8Array, offsetBytes: number): Promise<number> {
    await yieldTurn();
    return await this.read(into, offsetBytes);
  }

  close(): void {
    this.closed();
  }
}
