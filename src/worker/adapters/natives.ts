interface Natives {
  readonly Request: typeof Request;
  readonly Response: typeof Response;
  readonly fetch: typeof fetch;
}

let known: Natives | undefined;

/**
 * Node's own, whatever the globals are by now. Asked for by who needs them
 * only: to load them takes ten megabytes.
 */
export function natives(): Natives {
  known ??= {
    Request: globalThis.Request,
    Response: globalThis.Response,
    fetch: globalThis.fetch,
  };
  return known;
}
