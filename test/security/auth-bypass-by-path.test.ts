/**
 * What clients try to get around a log-in: other ways to write the path, the
 * method and the target, over real sockets. However a path is guarded, nobody
 * without the password may ever see the secret behind it.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../src/worker/app/app.ts";
import type { Handler, Middleware } from "../../src/worker/http/handler.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { basicAuth } from "../../src/worker/middleware/authentication/basic-auth.ts";
import { askRaw, fieldLines, rawRequest } from "./ask-raw.ts";

const SECRET = "the combination is 1-2-3";
const PASSWORD = `Authorization: Basic ${btoa("ann:sesame")}`;

const auth = basicAuth({ users: { ann: "sesame" } });
const secret: Handler = () => ok(SECRET).with("X-Secret", SECRET);

/** Ways to guard "/admin" and all below it. */
const guarded: Readonly<Record<string, () => App>> = {
  "middleware of a group"() {
    const app = new App();
    app.router.group("/admin", (admin) => {
      admin.use(auth);
      admin.get("", secret).get("/users", secret).get("/*rest", secret);
      admin.post("/users", secret);
    });
    return withPublicRoutes(app);
  },
  "middleware of each route"() {
    const options = { middleware: [auth] };
    const app = new App()
      .get("/admin", secret, options)
      .get("/admin/users", secret, options)
      .get("/admin/*rest", secret, options)
      .post("/admin/users", secret, options);
    return withPublicRoutes(app);
  },
  "middleware of an app that is mounted"() {
    const admin = new App()
      .use(auth)
      .get("/users", secret)
      .get("/*rest", secret)
      .post("/users", secret);
    return withPublicRoutes(new App().mount("/admin", admin));
  },
  "middleware of the app that looks at the path"() {
    const byPath: Middleware = (request, next) =>
      /^\/admin(?:\/|$)/.test(request.path)
        ? auth(request, next)
        : next(request);
    const app = new App()
      .use(byPath)
      .get("/admin", secret)
      .get("/admin/users", secret)
      .get("/admin/*rest", secret)
      .post("/admin/users", secret);
    return withPublicRoutes(app);
  },
};

/** Those that a path may fall into that is not quite another one. */
function withPublicRoutes(app: App): App {
  return app
    .get("/", () => ok("public"))
    .get("/public/*path", () => ok("public"))
    .get("/:page", () => ok("public"))
    .get("/*path", () => ok("public"));
}

const TARGETS: readonly string[] = [
  "/admin",
  "/admin/",
  "/admin/users",
  "/admin/users/",
  "/admin/anything",
  "/admin?",
  "/admin?x=/public/",
  "/admin;",
  "/admin;x=1",
  "/admin;/users",
  "/admin.",
  "/admin..",
  "/admin%20",
  "/admin%00",
  "/admin%00.html",
  "/admin%0a",
  "/admin%3f",
  "/admin%23",
  "/admin.html",
  "//admin",
  "///admin",
  "//admin/users",
  "/admin//users",
  "//stable.example/admin",
  "/%61dmin",
  "/%61%64%6d%69%6e",
  "/%2561dmin",
  "/%u0061dmin",
  "/admi%6E",
  "/admin%2f",
  "/admin%2fusers",
  "/admin%2Fusers",
  "/admin%252fusers",
  "/%2fadmin",
  "/%2e/admin",
  "/./admin",
  "/.//admin",
  "/admin/.",
  "/admin/./users",
  "/admin/..",
  "/admin/../admin",
  "/admin/%2e",
  "/admin/%2e%2e/admin",
  "/public/../admin",
  "/public/..%2fadmin",
  "/public/%2e%2e/admin",
  "/public/.%2e%2fadmin",
  "/public/..;/admin",
  "/public/..\\admin",
  "/public/%252e%252e/admin",
  "/admin\\",
  "\\admin",
  "/\\admin",
  "/%5cadmin",
  "/ADMIN",
  "/Admin",
  "/aDmin/users",
  "/\u{e0}dmin",
  "/%c0%afadmin",
  "/%ef%bc%8fadmin",
  "/adm%C4%B1n",
  "/admin%c2%a0",
  "http://stable.example/admin",
  "http://stable.example/admin/users",
  "HTTP://stable.example//admin",
  "http://stable.example/%61dmin",
  "http://ann:sesame@stable.example/admin",
  "http://stable.example",
  "admin",
  "*",
];

const FIELDS: readonly string[] = [
  "X-Original-URL: /admin",
  "X-Rewrite-URL: /admin",
  "X-Forwarded-Prefix: /public",
  "X-HTTP-Method-Override: GET",
  "X-Forwarded-For: 127.0.0.1",
  "X-Forwarded-User: ann",
  "Forwarded: for=127.0.0.1",
  "X-Remote-User: ann",
  "Cookie: user=ann; auth=1",
  "Authorization: Basic",
  `Authorization: Bearer ${btoa("ann:sesame")}`,
  `Proxy-Authorization: Basic ${btoa("ann:sesame")}`,
  `authorization : Basic ${btoa("ann:sesame")}`,
  `Authorization: Basic ${btoa("ann:")}\r\n${PASSWORD}`,
];

const METHODS = [
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
  "TRACE",
  "get",
  "GETX",
];

for (const [how, appOf] of Object.entries(guarded)) {
  describe(`a secret behind ${how}`, () => {
    it("is there for who knows the password", async () => {
      const requests = ["/admin/", "/admin/users", "/admin/x/y"].map((target) =>
        rawRequest("GET", target, [PASSWORD]),
      );
      for (const { status, body } of await askRaw(appOf(), requests)) {
        assert.equal(status, 200);
        assert.equal(body.toString(), SECRET);
      }
    });

    it("asks others for it", async () => {
      const requests = ["/admin/", "/admin/users", "/admin/x/y"].map((target) =>
        rawRequest("GET", target),
      );
      for (const answer of await askRaw(appOf(), requests)) {
        assert.equal(answer.status, 401);
        assert.equal(fieldLines(answer, "WWW-Authenticate").length, 1);
      }
    });

    it("is not told by another form of the path", async () => {
      const requests = TARGETS.map((target) => rawRequest("GET", target));
      await assertNoSecret(appOf(), requests);
    });

    it("is not told to another method", async () => {
      const requests = METHODS.flatMap((method) =>
        ["/admin", "/admin/users", "//admin", "/%61dmin"].map((target) =>
          rawRequest(method, target),
        ),
      );
      await assertNoSecret(appOf(), requests);
    });

    it("is not told for the fields of proxies, or bad credentials", async () => {
      const requests = FIELDS.flatMap((field) => [
        rawRequest("GET", "/admin", [field]),
        rawRequest("GET", "/public/x", [field]),
      ]);
      await assertNoSecret(appOf(), requests);
    });

    it("is not told to a request behind one that has the password", async () => {
      const pipelined =
        `GET /admin/users HTTP/1.1\r\nHost: h\r\n${PASSWORD}\r\n\r\n` +
        rawRequest("GET", "/admin/users");
      const [answer] = await askRaw(appOf(), [pipelined]);
      assert.equal(answer?.count, 2);
      const text = answer.raw.toString("latin1");
      assert.equal(text.split(SECRET).length, 3, "once as field, once as body");
      assert.ok(text.includes("HTTP/1.1 401"));
    });
  });
}

async function assertNoSecret(
  app: App,
  requests: readonly string[],
): Promise<void> {
  const answers = await askRaw(app, requests);
  for (const [index, { raw, count }] of answers.entries()) {
    assert.ok(!raw.includes(SECRET), `${requests[index]}: ${raw}`);
    assert.equal(count, 1, requests[index]);
  }
}
