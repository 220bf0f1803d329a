/** Rejects with the first error that this thread does not catch; pending until then. */
export function unexpected(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reject(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    reject(event.error);
  });
  return promise;
}
