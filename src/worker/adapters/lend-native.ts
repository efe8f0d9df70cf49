/** An object that has a native one made when it needs that. */
interface Light {
  native(): object;
}

/**
 * Gives a prototype all that the native prototype has and it has not, in each
 * version of Node, and makes it inherit from that one.
 */
export function lendNative(light: Light, native: object): void {
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
