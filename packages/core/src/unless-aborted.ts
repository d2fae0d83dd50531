/** What the work gives, or the signal's reason as soon as it aborts; the work itself is then left to its own devices. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, fail) => {
    const abort = (): void => fail(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, fail).finally(() => signal.removeEventListener("abort", abort));
  });
}
