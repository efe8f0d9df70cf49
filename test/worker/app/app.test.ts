import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import type { Middleware } from "../../../src/worker/http/handler.ts";
import {
  HttpRequest,
  type HttpRequestInit,
} from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { created, ok } from "../../../src/worker/http/response-helpers.ts";

/** The answer that an app gives in the same tick. */
function answerOf(app: App, init: HttpRequestInit): HttpResponse {
  const answer = app.handle(new HttpRequest(init));
  assert.ok(answer instanceof HttpResponse, "it is a promise");
  return answer;
}

const stamping =
  (name: string): Middleware =>
  async (request, next) => {
    const response = await next(request);
    response.headers.append("X-Stamp", name);
    return response;
  };

describe("an app", () => {
  it("answers with what its route's handler returns", async () => {
    const app = new App()
      .get("/users/:id", ({ pathParams }) => ok({ id: pathParams.id }))
      .post("/users", async (request) => created(await request.json()));

    assert.equal(answerOf(app, { target: "/users/7" }).body, '{"id":"7"}');
    const request = { method: "POST", target: "/users", body: '{"a":1}' };
    const answer = await app.handle(new HttpRequest(request));
    assert.equal(answer.status, 201);
    assert.equal(answer.body, '{"a":1}');
  });

  it("has a way to register for each method", () => {
    const handler = (request: HttpRequest) => ok(request.method);
    const app = new App()
      .get("/", handler)
      .post("/", handler)
      .put("/", handler)
      .delete("/", handler)
      .patch("/", handler)
      .head("/", handler)
      .options("/", handler)
      .route(["PURGE", "REPORT"], "/", handler);
    const methods = app.routes().map(({ method }) => method);
    assert.equal(
      methods.join(" "),
      "GET POST PUT DELETE PATCH HEAD OPTIONS PURGE REPORT",
    );
    for (const method of methods) {
      assert.equal(answerOf(app, { method }).body, method);
    }
  });

  it("matches the path without the query", () => {
    const app = new App().get("/a", (request) => ok(request.query.get("q")));
    assert.equal(answerOf(app, { target: "/a?q=%2F" }).body, "/");
  });

  it("lists its routes with the prefixes of their groups", () => {
    const app = new App().get("/", () => ok());
    app.router.group("/api", (api) => api.put("/x/:y", () => ok()));
    assert.deepEqual(app.routes(), [
      { method: "GET", pattern: "/" },
      { method: "PUT", pattern: "/api/x/:y" },
    ]);
  });

  it("keeps requests apart that are answered at the same time", async () => {
    const app = new App().get("/:id", async ({ pathParams }) => {
      await Promise.resolve();
      return ok(pathParams.id);
    });
    const answers = await Promise.all(
      ["/a", "/b", "/c"].map((target) =>
        app.handle(new HttpRequest({ target })),
      ),
    );
    assert.deepEqual(
      answers.map(({ body }) => body),
      ["a", "b", "c"],
    );
  });
});

describe("middleware of an app", () => {
  it("runs around routes registered before and after it", async () => {
    const app = new App()
      .get("/before", () => ok())
      .use(stamping("app"))
      .get("/after", () => ok());
    for (const target of ["/before", "/after"]) {
      const answer = await app.handle(new HttpRequest({ target }));
      assert.equal(answer.headers.get("x-stamp"), "app");
    }
  });

  it("runs for requests that no route takes", async () => {
    const app = new App().use(stamping("app")).get("/", () => ok());
    const requests = [
      [{ target: "/none" }, 404],
      [{ method: "POST" }, 405],
      [{ method: "OPTIONS" }, 204],
      [{ target: "/.." }, 400],
    ] as const;
    for (const [init, status] of requests) {
      const answer = await app.handle(new HttpRequest(init));
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("x-stamp"), "app");
    }
  });

  it("is outside that of groups", async () => {
    const app = new App().use(stamping("app 1"), stamping("app 2"));
    app.router.use(stamping("router")).group("/a", (a) => {
      a.use(stamping("group")).get("/b", () => ok());
    });
    const answer = await app.handle(new HttpRequest({ target: "/a/b" }));
    assert.deepEqual(answer.headers.getAll("x-stamp"), [
      "group",
      "router",
      "app 2",
      "app 1",
    ]);
  });

  it("of a group runs for the group's routes only", async () => {
    const app = new App().get("/x", () => ok());
    app.router.group("/a", (a) => a.use(stamping("a")).get("/x", () => ok()));
    const stampOf = async (target: string) => {
      const answer = await app.handle(new HttpRequest({ target }));
      return answer.headers.get("x-stamp");
    };
    assert.equal(await stampOf("/a/x"), "a");
    assert.equal(await stampOf("/x"), undefined);
    assert.equal(await stampOf("/a/none"), undefined);
  });

  it("keeps the answer in the same tick if it does not wait", () => {
    const app = new App().use((r, next) => next(r)).get("/", () => ok("now"));
    assert.equal(answerOf(app, {}).body, "now");
  });

  it("is refused where it is no function", () => {
    const none = undefined as unknown as Middleware;
    assert.throws(() => new App().use(none), /middleware is a function/);
  });
});

describe("an app that has begun to answer", () => {
  const begun = [
    ["a first request", (app: App) => app.handle(new HttpRequest())],
    ["prepare()", (app: App) => app.prepare()],
  ] as const;
  for (const [name, begin] of begun) {
    it(`with ${name} takes no more routes and middleware`, () => {
      const app = new App();
      begin(app);
      assert.throws(() => app.get("/", () => ok()), /GET \/ came too late/);
      assert.throws(() => app.use((r, next) => next(r)), /use\(\) came too/);
      assert.throws(
        () => app.router.group("/a", (a) => a.use((r, next) => next(r))),
        /came too late/,
      );
    });
  }
});

describe("running an app", () => {
  it("is what its runner does", async () => {
    const ran: App[] = [];
    const app = new App({
      run: async (app) => {
        ran.push(app);
      },
    });
    await app.run();
    assert.deepEqual(ran, [app]);
  });

  it("without a runner says where to get one", async () => {
    await assert.rejects(() => new App().run(), /make it with createApp\(\)/);
  });
});
