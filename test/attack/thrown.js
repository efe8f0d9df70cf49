/** Factories of values that an app may throw, by name. */
export const THROWN = {
  error: () => new Error("plain"),
  frozen: () => Object.freeze(new Error("frozen")),
  undefined: () => undefined,
  null: () => null,
  number: () => Number.NaN,
  bigint: () => 1n,
  symbol: () => Symbol("thrown"),
  text: () => "text",
  function: () => () => {},
  bare: () => Object.create(null),
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  proxy: () => new Proxy(new Error("behind a proxy"), refusingTraps()),
  getters: () => withThrowing(["message", "stack", "name", "cause", "status"]),
  toString: () => ({ toString: refuse, toJSON: refuse, valueOf: refuse }),
  toPrimitive: () => ({ [Symbol.toPrimitive]: refuse }),
  cycle: () => {
    const error = new Error("cycle");
    error.cause = error;
    return error;
  },
  large: () => new Error("x".repeat(20 * 2 ** 20)),
  promise: () => Promise.resolve("a promise"),
  aggregate: () => new AggregateError([null, Object.freeze(new Error("in"))]),
  status: () => Object.assign(new Error("no status"), { status: {} }),
};

function refuse() {
  throw new Error("refused");
}

function refusingTraps() {
  const names = Object.getOwnPropertyNames(Reflect);
  return Object.fromEntries(names.map((name) => [name, refuse]));
}

function withThrowing(names) {
  const error = new Error("getters");
  for (const name of names) Object.defineProperty(error, name, { get: refuse });
  return error;
}
