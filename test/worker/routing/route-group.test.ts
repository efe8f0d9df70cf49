import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Middleware } from "../../../src/worker/http/handler.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { Router } from "../../../src/worker/routing/router.ts";

const handler = () => ok();

/** "pattern {params}" of the route, or the type of what was found instead. */
function found(router: Router, path: string, method = "GET"): string {
  const result = router.find(method, path);
  if (result.type !== "route") return result.type;
  const params = JSON.stringify(result.params);
  return `${result.route.pattern.source} ${params}`;
}

describe("registering", () => {
  it("refuses a method of a pattern twice", () => {
    const router = new Router().get("/a", handler);
    assert.throws(() => router.get("/a", handler), /GET \/a /);
    assert.throws(() => router.route(["PUT", "PUT"], "/b", handler), /PUT/);
  });

  it("refuses patterns that differ in names only, and says both", () => {
    const router = new Router()
      .get("/users/:id/posts", handler)
      .get("/files/*path", handler);
    const twice = [
      ["/users/:user/posts", "/users/:id/posts"],
      ["/files/*", "/files/*path"],
    ] as const;
    for (const [late, early] of twice) {
      assert.throws(
        () => router.get(late, handler),
        ({ message }: Error) =>
          message.includes(`GET ${late}`) && message.includes(`GET ${early}`),
      );
    }
  });

  it("lets methods of one place name its parameters as they like", () => {
    const router = new Router()
      .get("/users/:id", handler)
      .delete("/users/:user", handler);
    assert.equal(found(router, "/users/7"), '/users/:id {"id":"7"}');
    assert.equal(
      found(router, "/users/7", "DELETE"),
      '/users/:user {"user":"7"}',
    );
  });

  it("refuses what is no method", () => {
    const router = new Router();
    assert.throws(() => router.route("GE T", "/", handler), /token/);
    assert.throws(() => router.route("", "/", handler), /token/);
    assert.throws(() => router.route("get", "/", handler), /"GET", not "get"/);
  });

  it("refuses what is no handler or middleware", () => {
    const router = new Router();
    const none = undefined as unknown as typeof handler;
    assert.throws(() => router.get("/a", none), /GET \/a .* undefined/);
    assert.throws(() => router.use(none), /middleware .* undefined/);
  });

  it("lists the routes in their order", () => {
    const router = new Router()
      .get("/b", handler)
      .get("/a", handler)
      .post("/c", handler);
    const list = router.routes.map((one) => one.pattern.source);
    assert.deepEqual(list, ["/b", "/a", "/c"]);
  });

  it("throws when the router is sealed", () => {
    const router = new Router().get("/a", handler);
    router.seal(({ handler }) => handler);
    assert.throws(() => router.get("/b", handler), /GET \/b came too late/);
    assert.throws(() => router.use((r, next) => next(r)), /use\(\) came too/);
  });
});

describe("a group", () => {
  it("puts its prefix before its patterns, letter by letter", () => {
    const router = new Router();
    router.group("/api", (api) => {
      api.get("", handler).get("/", handler).get("/users", handler);
    });
    assert.equal(found(router, "/api"), "/api {}");
    assert.equal(found(router, "/api/"), "/api/ {}");
    assert.equal(found(router, "/api/users"), "/api/users {}");
    assert.equal(found(router, "/users"), "noPath");
  });

  it("nests, and its parameters reach its handlers with their types", () => {
    const router = new Router();
    router.group("/api/:version", (api) => {
      api.group("/users/:id", (user) => {
        user.get("/posts/:post", ({ pathParams }) => {
          const { version, id, post } = pathParams;
          return ok([version, id, post]);
        });
      });
    });
    assert.equal(
      found(router, "/api/v1/users/7/posts/x"),
      "/api/:version/users/:id/posts/:post " +
        '{"version":"v1","id":"7","post":"x"}',
    );
  });

  it("has middleware of its own, inside that of the groups around", () => {
    const router = new Router();
    const pass = (): Middleware => (request, next) => next(request);
    const [outer, inner, late, other] = [pass(), pass(), pass(), pass()];
    router.use(outer);
    router.group("/a", (a) => {
      a.use(inner).get("/x", handler).use(late);
    });
    router.group("/b", (b) => b.use(other).get("/x", handler));
    const scopes = router.routes.map((route) => route.scope.all());
    assert.deepEqual(scopes, [
      [outer, inner, late],
      [outer, other],
    ]);
  });

  it("refuses a prefix that joins to no path", () => {
    const router = new Router();
    const prefixes = ["/", "/api/", "api", "/files/*", "/a/:"];
    for (const prefix of prefixes) {
      assert.throws(() => router.group(prefix, () => {}), TypeError);
    }
  });

  it("without a prefix is one for middleware only", () => {
    const router = new Router();
    router.group("", (group) => group.get("/x", handler));
    assert.equal(found(router, "/x"), "/x {}");
  });

  it("refuses a parameter that the prefix has already", () => {
    const router = new Router();
    router.group("/:id", (group) => {
      assert.throws(() => group.get("/:id", handler), /two parameters/);
    });
  });
});
