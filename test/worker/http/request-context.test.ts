import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import { contextKey } from "../../../src/worker/http/context-key.ts";
import type { Middleware } from "../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";

interface User {
  readonly name: string;
}

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/** Compiles if the two types are the same. */
function areSame<A, B>(same: Equal<A, B>): void {
  assert.equal(same, true);
}

const user = contextKey<User>("user");
const ann: User = { name: "ann" };

describe("the context of a request", () => {
  it("takes what middleware knows to the handler", () => {
    const knowing: Middleware = (request, next) => {
      request.context.set(user, ann);
      return next(request);
    };
    const app = new App().use(knowing);
    app.get("/", ({ context }) => ok(context.need(user).name));
    const answer = app.handle(new HttpRequest());
    assert.ok("body" in answer, "in the same tick");
    assert.equal(answer.body, "ann");
  });

  it("has no value for a key that was not set", () => {
    const { context } = new HttpRequest();
    assert.equal(context.get(user), undefined);
    assert.equal(context.has(user), false);
    assert.equal(context.delete(user), false);
  });

  it("names the missing value that a handler needs", () => {
    const { context } = new HttpRequest();
    assert.throws(() => context.need(user), {
      message:
        'the request has no "user" in its context: ' +
        "is the middleware that sets it around this route?",
    });
  });

  it("may hold undefined, and forget", () => {
    const maybe = contextKey<string | undefined>("maybe");
    const { context } = new HttpRequest();
    context.set(maybe, undefined);
    assert.equal(context.has(maybe), true);
    assert.equal(context.need(maybe), undefined);
    assert.equal(context.delete(maybe), true);
    assert.equal(context.has(maybe), false);
  });

  it("tells keys of one name apart", () => {
    const { context } = new HttpRequest();
    context.set(contextKey<User>("user"), ann);
    assert.equal(context.has(user), false);
  });

  it("is each request's own", () => {
    const [one, other] = [new HttpRequest(), new HttpRequest()];
    one.context.set(user, ann);
    assert.equal(other.context.has(user), false);
    assert.equal(one.context, one.context);
  });

  it("has values of the key's type, for the compiler", () => {
    const { context } = new HttpRequest();
    context.set(user, ann);
    const got = context.get(user);
    const needed = context.need(user);
    areSame<typeof got, User | undefined>(true);
    areSame<typeof needed, User>(true);
    // @ts-expect-error: a text is no User
    context.set(user, "ann");
    // @ts-expect-error: a name is no key
    context.has("user");
    // @ts-expect-error: a key of a User is none of something more
    const other: typeof admin = user;
    assert.ok(other);
  });
});

const admin = contextKey<User & { readonly isAdmin: boolean }>("admin");
