type Constructor = abstract new (...args: never[]) => unknown;

const ordinary = Function.prototype[Symbol.hasInstance];

/**
 * All that are instances of the native class are instances of the other, which
 * has its name; of classes that extend that one only their own are.
 */
export function standFor(type: Constructor, native: Constructor): void {
  Object.defineProperty(type, "name", { value: native.name });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: Constructor, value: unknown): boolean {
      return ordinary.call(this === type ? native : this, value);
    },
  });
}
