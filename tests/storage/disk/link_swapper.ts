/// <reference lib="deno.worker" />
/** A worker that exchanges a directory for a link and back, until it is asked to stop. */
interface Task {
  directory: string;
  outside: string;
  stop: Int32Array;
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  const { directory, outside, stop } = data;
  Deno.symlinkSync(outside, `${directory}.link`);
  self.postMessage("swapping");
  while (Atomics.load(stop, 0) === 0) {
    Deno.renameSync(directory, `${directory}.real`);
    Deno.renameSync(`${directory}.link`, directory);
    Deno.renameSync(directory, `${directory}.link`);
    Deno.renameSync(`${directory}.real`, directory);
  }
  self.postMessage("stopped");
};
