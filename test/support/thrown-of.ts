type Make = (text: string) => unknown;

/** Factories of values that an app may throw. */
const KINDS: Readonly<Record<string, Make>> = {
  error: (text) => new Error(text),
  frozen: (text) => Object.freeze(new Error(text)),
  sealed: (text) => Object.seal(new TypeError(text)),
  text: (text) => text,
  undefined: () => undefined,
  null: () => null,
  number: () => Number.NaN,
  bigint: () => 1n,
  symbol: (text) => Symbol(text),
  function: () => () => {},
  bare: () => Object.create(null),
  array: (text) => [text, [text]],
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  proxy: (text) => new Proxy(new Error(text), refusingTraps()),
  getters: (text) =>
    withThrowing(["message", "stack", "name", "cause", "constructor"], text),
  fields: (text) => withThrowing(["code", "status", "headers"], text),
  methods: () => ({ toString: refuse, toJSON: refuse, valueOf: refuse }),
  toPrimitive: () => ({ [Symbol.toPrimitive]: refuse }),
  thenable: () => withThrowing(["then"], "thenable"),
  promise: () => Promise.resolve("a promise"),
  cycle: (text) => {
    const error = new Error(text);
    error.cause = error;
    return error;
  },
  causes: (text) => {
    let error = new Error(text);
    for (let depth = 0; depth < 50; depth++) {
      error = new Error(text, { cause: error });
    }
    return error;
  },
  badCause: (text) => new Error(text, { cause: refusing() }),
  aggregate: (text) =>
    new AggregateError([null, refusing(), Object.freeze(new Error(text))]),
  oddMessage: () => Object.assign(new Error("odd"), { message: { a: 1 } }),
  oddStack: (text) => Object.assign(new Error(text), { stack: 1n }),
  manyFields: (text) =>
    Object.assign(
      new Error("many"),
      Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at, text])),
    ),
};

export const thrownKinds: readonly string[] = Object.keys(KINDS);

export function thrownOf(kind: string, text: string): unknown {
  return KINDS[kind]?.(text);
}

function refuse(): never {
  throw new Error("refused");
}

function refusing(): object {
  return new Proxy(new Error("refusing"), refusingTraps());
}

function refusingTraps(): ProxyHandler<Error> {
  const names = Object.getOwnPropertyNames(Reflect);
  return Object.fromEntries(names.map((name) => [name, refuse]));
}

function withThrowing(names: readonly string[], text: string): Error {
  const error = new Error(text);
  // V8 creates the stack on first access, and reads the message then.
  if (error.stack === undefined) throw new Error("no stack");
  for (const name of names) {
    Object.defineProperty(error, name, { get: refuse, enumerable: true });
  }
  return error;
}
