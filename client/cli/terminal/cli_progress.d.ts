/** The part of the package `cli-progress` that is used. */
export interface Bar {
  update(value: number, payload?: Record<string, unknown>): void;
  setTotal(total: number): void;
  stop(): void;
}

export interface Options {
  stream?: unknown;
  format?: (
    options: unknown,
    parameters: { progress: number; value: number; total: number },
    payload: Record<string, unknown>,
  ) => string;
  fps?: number;
  hideCursor?: boolean;
  clearOnComplete?: boolean;
  stopOnComplete?: boolean;
  forceRedraw?: boolean;
  gracefulExit?: boolean;
  linewrap?: boolean | null;
  emptyOnZero?: boolean;
  autopadding?: boolean;
}

export class MultiBar {
  constructor(options: Options);
  create(total: number, start: number, payload?: Record<string, unknown>): Bar;
  remove(bar: Bar): boolean;
  log(text: string): void;
  update(): void;
  stop(): void;
}

declare const cliProgress: { MultiBar: typeof MultiBar };
export default cliProgress;
