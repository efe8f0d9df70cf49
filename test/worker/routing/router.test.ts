import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { Router } from "../../../src/worker/routing/router.ts";

const handler = () => ok();

function routerOf(...patterns: readonly string[]): Router {
  const router = new Router();
  for (const pattern of patterns) router.get(pattern, handler);
  return router;
}

/** "pattern {params}" of the route, or the type of what was found instead. */
function found(router: Router, path: string, method = "GET"): string {
  const result = router.find(method, path);
  if (result.type !== "route") return result.type;
  const params = JSON.stringify(result.params);
  return `${result.route.pattern.source} ${params}`;
}

function allowed(router: Router, method: string, path: string): string {
  const result = router.find(method, path);
  assert.ok("allow" in result, `found ${result.type}`);
  return result.allow.join(", ");
}

function isBadRequest(error: unknown): boolean {
  return error instanceof HttpError && error.status === 400;
}

describe("a path", () => {
  it("leads to the route with the same text", () => {
    const router = routerOf("/", "/users", "/users/all");
    assert.equal(found(router, "/"), "/ {}");
    assert.equal(found(router, "/users"), "/users {}");
    assert.equal(found(router, "/users/all"), "/users/all {}");
    assert.equal(found(router, "/users/none"), "noPath");
    assert.equal(found(router, "/user"), "noPath");
    assert.equal(found(router, "/USERS"), "noPath");
  });

  it("gives its segments to parameters", () => {
    const router = routerOf("/users/:id", "/users/:id/posts/:post");
    assert.equal(found(router, "/users/7"), '/users/:id {"id":"7"}');
    assert.equal(
      found(router, "/users/7/posts/x"),
      '/users/:id/posts/:post {"id":"7","post":"x"}',
    );
    assert.equal(found(router, "/users/7/posts"), "noPath");
  });

  it("gives a wildcard all that is left, also nothing", () => {
    const router = routerOf("/files/*path", "/any/*");
    assert.equal(found(router, "/files/a"), '/files/*path {"path":"a"}');
    assert.equal(
      found(router, "/files/a//b/"),
      '/files/*path {"path":"a//b/"}',
    );
    assert.equal(found(router, "/files/"), '/files/*path {"path":""}');
    assert.equal(found(router, "/files"), "noPath");
    assert.equal(found(router, "/any/x/y"), '/any/* {"*":"x/y"}');
  });

  it("with a slash at its end is another one", () => {
    const router = routerOf("/a", "/b/");
    assert.equal(found(router, "/a/"), "noPath");
    assert.equal(found(router, "/b"), "noPath");
    assert.equal(found(router, "/b/"), "/b/ {}");
  });

  it("keeps repeated slashes, and a parameter is never empty", () => {
    const router = routerOf("/a/b", "/users/:id", "/:x/:y/z");
    assert.equal(found(router, "/a//b"), "noPath");
    assert.equal(found(router, "//a/b"), "noPath");
    assert.equal(found(router, "/users/"), "noPath");
    assert.equal(found(router, "/x//z"), "noPath");
  });

  it("may have names that objects have", () => {
    const router = routerOf("/__proto__", "/x/constructor", "/y/:__proto__");
    assert.equal(found(router, "/__proto__"), "/__proto__ {}");
    assert.equal(found(router, "/constructor"), "noPath");
    assert.equal(found(router, "/x/constructor"), "/x/constructor {}");
    assert.equal(found(router, "/x/__proto__"), "noPath");
    assert.equal(found(router, "/y/1"), '/y/:__proto__ {"__proto__":"1"}');
  });

  it("gives parameters that inherit nothing", () => {
    const result = routerOf("/:id").find("GET", "/7");
    assert.ok(result.type === "route");
    assert.equal("toString" in result.params, false);
    assert.equal("__proto__" in result.params, false);
  });
});

describe("a parameter with a form", () => {
  const router = routerOf("/:id(\\d+)", "/x/:a([a-f]+)/y");

  it("takes segments of that form only", () => {
    assert.equal(found(router, "/42"), '/:id(\\d+) {"id":"42"}');
    assert.equal(found(router, "/4x2"), "noPath");
    assert.equal(found(router, "/42/"), "noPath");
    assert.equal(found(router, "/x/abc/y"), '/x/:a([a-f]+)/y {"a":"abc"}');
    assert.equal(found(router, "/x/abg/y"), "noPath");
  });

  it("looks at the decoded segment", () => {
    const decoded = routerOf("/:name([a-zé ]+)");
    assert.equal(
      found(decoded, "/caf%C3%A9%20au"),
      '/:name([a-zé ]+) {"name":"café au"}',
    );
    assert.throws(() => decoded.find("GET", "/%E9"), isBadRequest);
  });
});

describe("of several patterns that fit", () => {
  const patterns = ["/*all", "/:any", "/me", "/:a/x", "/me/*rest", "/me/:id"];
  for (const order of [patterns, patterns.toReversed()]) {
    const router = routerOf(...order);

    it(`static text comes first: ${order.join(" ")}`, () => {
      assert.equal(found(router, "/me"), "/me {}");
      assert.equal(found(router, "/me/7"), '/me/:id {"id":"7"}');
    });

    it(`then a parameter, then a wildcard: ${order.join(" ")}`, () => {
      assert.equal(found(router, "/you"), '/:any {"any":"you"}');
      assert.equal(found(router, "/you/x"), '/:a/x {"a":"you"}');
      assert.equal(found(router, "/you/y"), '/*all {"all":"you/y"}');
      assert.equal(found(router, "/me/7/8"), '/me/*rest {"rest":"7/8"}');
      assert.equal(found(router, "/"), '/*all {"all":""}');
    });
  }

  const formed = ["/o/:any", "/o/:id(\\d+)", "/o/:hex([0-9a-f]+)", "/o/7"];
  for (const order of [formed, formed.toReversed()]) {
    const router = routerOf(...order);

    it(`a form comes before a plain parameter: ${order.join(" ")}`, () => {
      assert.equal(found(router, "/o/7"), "/o/7 {}");
      assert.equal(found(router, "/o/77"), '/o/:hex([0-9a-f]+) {"hex":"77"}');
      assert.equal(found(router, "/o/zz"), '/o/:any {"any":"zz"}');
    });
  }

  it("a way that leads nowhere is walked back", () => {
    const router = routerOf("/a/b/c", "/a/:x/d", "/:y/b/e", "/*rest");
    assert.equal(found(router, "/a/b/d"), '/a/:x/d {"x":"b"}');
    assert.equal(found(router, "/a/b/e"), '/:y/b/e {"y":"a"}');
    assert.equal(found(router, "/a/b/f"), '/*rest {"rest":"a/b/f"}');
  });

  it("the first one that has the method is taken", () => {
    const router = new Router();
    router.get("/users/me", handler).delete("/users/:id", handler);
    router.options("/*", handler);
    assert.equal(found(router, "/users/me"), "/users/me {}");
    assert.equal(
      found(router, "/users/me", "DELETE"),
      '/users/:id {"id":"me"}',
    );
    assert.equal(found(router, "/users/me", "OPTIONS"), '/* {"*":"users/me"}');
  });
});

describe("escapes in a path (RFC 3986 §2.1)", () => {
  const router = routerOf("/users/:id", "/files/*path", "/admin", "/café");

  it("are decoded in parameters, exactly once", () => {
    assert.equal(found(router, "/users/a%20b"), '/users/:id {"id":"a b"}');
    assert.equal(found(router, "/users/%C3%A9"), '/users/:id {"id":"é"}');
    assert.equal(found(router, "/users/%2525"), '/users/:id {"id":"%25"}');
    assert.equal(found(router, "/users/a+b"), '/users/:id {"id":"a+b"}');
    assert.equal(
      found(router, "/files/a%20b/c"),
      '/files/*path {"path":"a b/c"}',
    );
  });

  it("of a slash split no segment", () => {
    assert.equal(found(router, "/users/a%2Fb"), '/users/:id {"id":"a/b"}');
    assert.equal(found(router, "/users%2Fa"), "noPath");
  });

  it("do not spell static text: a guard of the prefix would miss it", () => {
    assert.equal(found(router, "/%61dmin"), "noPath");
    assert.equal(found(router, "/caf%C3%A9"), "/café {}");
  });

  for (const path of ["/users/%", "/users/%zz", "/users/%E9", "/files/a/%C3"]) {
    it(`that are none, or no UTF-8, are refused: ${path}`, () => {
      assert.throws(() => router.find("GET", path), isBadRequest);
    });
  }
});

describe("a path that is refused", () => {
  const router = routerOf("/", "/admin/x", "/files/*path", "/:a");

  for (const path of ["/files/../admin/x", "/..", "/files/%2e%2E/a", "/./"]) {
    it(`has a dot segment: ${path}`, () => {
      assert.throws(() => router.find("GET", path), isBadRequest);
    });
  }

  it("has one when it is decoded", () => {
    const path = "/files/..%2F..%2Fetc";
    assert.throws(() => router.find("GET", path), isBadRequest);
  });

  it('does not start with "/"', () => {
    for (const path of ["", "*", "x", "http://a/"]) {
      assert.throws(() => router.find("GET", path), isBadRequest);
    }
  });
});

describe("a method", () => {
  const router = new Router();
  router
    .get("/users/:id", handler)
    .delete("/users/:id", handler)
    .post("/users", handler)
    .route(["PUT", "PATCH"], "/users/me", handler)
    .route("PURGE", "/cache", handler)
    .head("/head", handler);

  it("leads to its own route", () => {
    assert.equal(found(router, "/users", "POST"), "/users {}");
    assert.equal(found(router, "/users/me", "PATCH"), "/users/me {}");
    assert.equal(found(router, "/cache", "PURGE"), "/cache {}");
  });

  it("HEAD leads to the GET route (RFC 9110 §9.3.2)", () => {
    assert.equal(found(router, "/users/7", "HEAD"), '/users/:id {"id":"7"}');
  });

  it("HEAD leads to its own route where there is one", () => {
    const both = new Router().get("/", handler).head("/", () => ok("head"));
    const result = both.find("HEAD", "/");
    assert.ok(result.type === "route");
    assert.equal(result.route.method, "HEAD");
  });

  it("that the path lacks gives those it has (RFC 9110 §10.2.1)", () => {
    assert.equal(
      allowed(router, "POST", "/users/7"),
      "GET, HEAD, DELETE, OPTIONS",
    );
    assert.equal(allowed(router, "GET", "/users"), "POST, OPTIONS");
    assert.equal(allowed(router, "GET", "/head"), "HEAD, OPTIONS");
  });

  it("that the path lacks gives those of all patterns that fit", () => {
    assert.equal(
      allowed(router, "POST", "/users/me"),
      "PUT, PATCH, GET, HEAD, DELETE, OPTIONS",
    );
  });

  it("that the path lacks gives the pattern that fits best", () => {
    const result = router.find("POST", "/users/me");
    assert.ok(result.type === "otherMethods");
    assert.equal(result.pattern, "/users/me");
  });

  it("OPTIONS without a route finds the methods", () => {
    assert.equal(
      allowed(router, "OPTIONS", "/users/7"),
      "GET, HEAD, DELETE, OPTIONS",
    );
  });

  it("OPTIONS * finds the methods of all routes (RFC 9110 §9.3.7)", () => {
    assert.equal(
      allowed(router, "OPTIONS", "*"),
      "GET, HEAD, DELETE, POST, PUT, PATCH, PURGE, OPTIONS",
    );
  });

  it("that no route has is unknown, unless it is a usual one", () => {
    assert.equal(found(router, "/users/7", "BREW"), "unknownMethod");
    assert.equal(found(router, "/none", "BREW"), "unknownMethod");
    assert.equal(found(router, "a.example:443", "CONNECT"), "unknownMethod");
    assert.equal(found(router, "/users/7", "get"), "unknownMethod");
    assert.equal(found(router, "/users/7", "PURGE"), "otherMethods");
    assert.equal(found(router, "/users/7", "TRACE"), "otherMethods");
    assert.equal(found(router, "/none", "PURGE"), "noPath");
  });
});
