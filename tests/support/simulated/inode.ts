/** Files and directories in memory as a file system keeps them: what is synced and what is not. */

/** The content of a file, apart from its names. */
export class FileNode {
  mtimeMs = Date.now();
  #bytes = new Uint8Array(0);
  #size = 0;
  #durable: { bytes: Uint8Array; mtimeMs: number } | undefined;

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, offset: number): number {
    const found = this.#bytes.subarray(Math.min(offset, this.#size), this.#size);
    into.set(found.subarray(0, into.length));
    return Math.min(found.length, into.length);
  }

  write(bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (end > this.#size) this.truncate(end);
    this.#bytes.set(bytes, offset);
    this.mtimeMs = Date.now();
  }

  /** Cuts the content, or fills it up with zeros. */
  truncate(size: number): void {
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.fill(0, size, this.#size);
    this.#size = size;
    this.mtimeMs = Date.now();
  }

  /** A file of its own with the first bytes of this one, durable. */
  copy(length: number): FileNode {
    const copy = new FileNode();
    copy.write(this.#bytes.slice(0, Math.min(length, this.#size)), 0);
    copy.sync();
    return copy;
  }

  sync(): void {
    this.#durable = { bytes: this.#bytes.slice(0, this.#size), mtimeMs: this.mtimeMs };
  }

  /** Loses what was not synced; a file that never was is empty, though its name may be there. */
  crash(): void {
    const { bytes, mtimeMs } = this.#durable ?? { bytes: new Uint8Array(0), mtimeMs: 0 };
    this.#bytes = bytes.slice();
    this.#size = bytes.length;
    this.mtimeMs = mtimeMs;
  }
}

/** A directory: names, each of them durable or not. */
export class DirectoryNode {
  mtimeMs = Date.now();
  readonly entries = new Map<string, Node>();
  #durable = new Map<string, Node>();

  sync(): void {
    this.#durable = new Map(this.entries);
  }

  /** Loses the names that were not synced, and gets back those whose removal was not. */
  crash(): void {
    this.entries.clear();
    for (const [name, node] of this.#durable) {
      this.entries.set(name, node);
      node.crash();
    }
  }

  /** Whether there is a file under any name here or below. */
  holds(file: FileNode): boolean {
    return [...this.entries.values()].some((node) =>
      node === file || (node instanceof DirectoryNode && node.holds(file))
    );
  }
}

/** Target of a name. */
export type Node = FileNode | DirectoryNode;
