import { lendNative } from "./lend-native.ts";
import { LightRequest } from "./light-request.ts";
import { LightResponse } from "./light-response.ts";
import { natives } from "./natives.ts";
import { standFor } from "./stand-for.ts";

let areReplaced = false;

/**
 * Puts light objects in the place of the global `Response`, and has `Request`
 * and `fetch()` take a light request as if it were a native one.
 */
export function replaceGlobals(): void {
  if (areReplaced) return;
  areReplaced = true;
  const native = natives();
  lendNative(LightRequest.prototype, native.Request.prototype);
  lendNative(LightResponse.prototype, native.Response.prototype);
  Object.setPrototypeOf(LightResponse, native.Response);
  standFor(LightResponse, native.Response);
  replace("Response", LightResponse);
  replace("Request", acceptingRequest(native.Request));
  replace("fetch", acceptingFetch(native.fetch));
}

/** What it makes are native ones. */
function acceptingRequest(native: typeof Request): typeof Request {
  class AcceptingRequest extends native {
    constructor(...[input, init]: ConstructorParameters<typeof Request>) {
      super(LightRequest.unwrap(input), init);
    }
  }
  standFor(AcceptingRequest, native);
  return AcceptingRequest;
}

function acceptingFetch(native: typeof fetch): typeof fetch {
  return async function fetch(input, init) {
    return native(LightRequest.unwrap(input), init);
  };
}

function replace(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
