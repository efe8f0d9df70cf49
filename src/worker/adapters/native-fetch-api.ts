interface NativeFetchApi {
  readonly Request: typeof Request;
  readonly Response: typeof Response;
  readonly fetch: typeof fetch;
}

let known: NativeFetchApi | undefined;

/**
 * Node's own classes, also after the globals have been replaced. Read on first
 * use, because loading them takes ten megabytes.
 */
export function nativeFetchApi(): NativeFetchApi {
  known ??= {
    Request: globalThis.Request,
    Response: globalThis.Response,
    fetch: globalThis.fetch,
  };
  return known;
}
