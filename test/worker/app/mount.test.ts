import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import type { Middleware } from "../../../src/worker/http/handler.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { Router } from "../../../src/worker/routing/router.ts";

const get = (app: App, target: string) =>
  app.handle(new HttpRequest({ target }));

function tagged(tag: string): Middleware {
  return async (request, next) => {
    const response = await next(request);
    response.headers.append("X-Tags", tag);
    return response;
  };
}

describe("app.mount()", () => {
  it("takes over the routes of another app, under a prefix", async () => {
    const blog = new App();
    blog.get("/", () => ok("posts"));
    blog.get("/:post", ({ pathParams, path }) =>
      ok(`${pathParams.post} ${path}`),
    );
    const app = new App().mount("/blog/:year", blog);
    assert.equal((await get(app, "/blog/2026/")).body, "posts");
    assert.equal((await get(app, "/blog/2026/x")).body, "x /blog/2026/x");
    assert.equal((await get(app, "/")).status, 404);
  });

  it("keeps the middleware of both, the outer one outside", async () => {
    const inner = new App().use(tagged("inner app"));
    inner.router.use(tagged("inner router"));
    inner.get("/", () => ok(), { middleware: [tagged("route")] });
    const app = new App().use(tagged("app"));
    app.router.group("/g", (group) => {
      group.use(tagged("group")).mount("/in", inner);
    });
    const response = await get(app, "/g/in/");
    assert.deepEqual(response.headers.getAll("X-Tags"), [
      "route",
      "inner router",
      "inner app",
      "group",
      "app",
    ]);
  });

  it("takes a router as well, and names for url()", async () => {
    const router = new Router().get("/:id", () => ok(), { name: "thing" });
    const app = new App().mount("/things", router);
    assert.equal(app.url("thing", { id: 7 }), "/things/7");
  });

  it("closes what was mounted", () => {
    const inner = new App();
    new App().mount("/in", inner);
    assert.throws(() => inner.get("/", () => ok()), {
      message:
        "GET / came too late: routes and middleware are registered before " +
        'it was mounted at "/in"',
    });
  });

  it("refuses the same paths twice, naming both places", () => {
    const inner = new App().get("/:a", () => ok());
    const app = new App().get("/in/:b", () => ok());
    const place = String.raw`\(/.*mount\.test\.ts:\d+:\d+\)`;
    const message = new RegExp(
      `^GET /in/:a ${place} would never be reached: ` +
        `the paths are those of GET /in/:b ${place}$`,
    );
    assert.throws(() => app.mount("/in", inner), { message });
  });
});

describe("the options of a route", () => {
  it("put middleware around it alone, inside that of the group", async () => {
    const app = new App();
    app.router.use(tagged("router"));
    app.get("/a", () => ok(), { middleware: [tagged("1"), tagged("2")] });
    app.get("/b", () => ok());
    const a = await get(app, "/a");
    assert.deepEqual(a.headers.getAll("X-Tags"), ["2", "1", "router"]);
    const b = await get(app, "/b");
    assert.deepEqual(b.headers.getAll("X-Tags"), ["router"]);
  });

  it("give its handler another time", async () => {
    const app = new App();
    const times: (number | undefined)[] = [];
    app.get("/a", (request) => ok(times.push(request.handlerTimeoutMs)), {
      handlerTimeoutMs: 5_000,
    });
    app.get("/b", (request) => ok(times.push(request.handlerTimeoutMs)));
    await get(app, "/a");
    await get(app, "/b");
    assert.deepEqual(times, [5_000, undefined]);
  });

  for (const [options, message] of [
    [
      { nme: "x" },
      'GET /a has no option "nme"; the options are name, maxBodyBytes, ' +
        "handlerTimeoutMs, middleware",
    ],
    [{ name: "" }, "option name of GET /a must be a text"],
    [
      { maxBodyBytes: "1mb" },
      "option maxBodyBytes of GET /a must be a whole number, 0 or more",
    ],
    [
      { handlerTimeoutMs: -1 },
      "option handlerTimeoutMs of GET /a must be a whole number, 0 or more, " +
        "not -1",
    ],
    [{ middleware: tagged("x") }, /must be an array of functions/],
    [{ middleware: ["x"] }, /middleware is a function, not string/],
  ] as const) {
    it(`are checked: ${JSON.stringify(options)}`, () => {
      const register = () => {
        return new App().get("/a", () => ok(), options as never);
      };
      assert.throws(register, { name: "TypeError", message });
    });
  }
});

describe("app.printRoutes()", () => {
  it("shows each route, with its name, middleware and place", () => {
    const app = new App();
    app.router.use(function audit(request, next) {
      return next(request);
    });
    app.get("/users/:id", () => ok(), { name: "user" });
    app.upgrade("/chat", () => {});
    const [head, ...lines] = app
      .printRoutes()
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s{2,}/));
    assert.deepEqual(head, [
      "METHOD",
      "PATTERN",
      "NAME",
      "MIDDLEWARE",
      "PLACE",
    ]);
    assert.deepEqual(
      lines.map((cells) => cells.slice(0, 4)),
      [
        ["GET", "/users/:id", "user", "audit"],
        ["upgrade to websocket", "/chat", "-", "audit"],
      ],
    );
    assert.match(lines[0]?.[4] ?? "", /mount\.test\.ts:\d+:\d+$/);
  });
});
