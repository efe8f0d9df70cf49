import { LightRequest } from "./light-request.ts";
import { LightResponse } from "./light-response.ts";
import { nativeFetchApi } from "./native-fetch-api.ts";

/** An object that creates its native counterpart on demand. */
interface Light {
  native(): object;
}

type Constructor = abstract new (...args: never[]) => unknown;

const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];

let areReplaced = false;

/**
 * Replaces the global `Response` by the light one, and makes `Request` and
 * `fetch()` accept a light request like a native one.
 */
export function replaceGlobals(): void {
  if (areReplaced) return;
  areReplaced = true;
  const native = nativeFetchApi();
  delegateToNative(LightRequest.prototype, native.Request.prototype);
  delegateToNative(LightResponse.prototype, native.Response.prototype);
  Object.setPrototypeOf(LightResponse, native.Response);
  impersonate(LightResponse, native.Response);
  replace("Response", LightResponse);
  replace("Request", acceptingRequest(native.Request));
  replace("fetch", acceptingFetch(native.fetch));
}

/** A constructor of native requests that accepts light ones. */
function acceptingRequest(native: typeof Request): typeof Request {
  class AcceptingRequest extends native {
    constructor(...[input, init]: ConstructorParameters<typeof Request>) {
      super(LightRequest.unwrap(input), init);
    }
  }
  impersonate(AcceptingRequest, native);
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

/**
 * Gives the class the name of the native one, and makes all native instances
 * its instances. Subclasses keep the ordinary `instanceof`.
 */
function impersonate(type: Constructor, native: Constructor): void {
  Object.defineProperty(type, "name", { value: native.name });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: Constructor, value: unknown): boolean {
      return ordinaryHasInstance.call(this === type ? native : this, value);
    },
  });
}

/**
 * Forwards every property that only the native prototype of this Node version
 * has to the native object, and makes the prototype inherit from that one.
 */
function delegateToNative(light: Light, native: object): void {
  for (const name of Object.getOwnPropertyNames(native)) {
    if (Object.hasOwn(light, name)) continue;
    const { value } = Object.getOwnPropertyDescriptor(native, name) ?? {};
    const isMethod = typeof value === "function";
    Object.defineProperty(light, name, {
      configurable: true,
      ...(isMethod ? { value: callNative(name) } : { get: getNative(name) }),
    });
  }
  Object.setPrototypeOf(light, native);
}

function callNative(name: string) {
  return function (this: Light, ...args: unknown[]): unknown {
    const native = this.native() as Record<
      string,
      (...all: unknown[]) => unknown
    >;
    return native[name]?.(...args);
  };
}

function getNative(name: string) {
  return function (this: Light): unknown {
    return (this.native() as Record<string, unknown>)[name];
  };
}
