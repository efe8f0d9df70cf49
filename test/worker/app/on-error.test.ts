import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { App } from "../../../src/worker/app/app.ts";
import { HttpError } from "../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import {
  conflict,
  ok,
  text,
} from "../../../src/worker/http/response-helpers.ts";
import { type LogLine, memoryLogger } from "../memory-logger.ts";

class Taken extends Error {}

let log: LogLine[] = [];

beforeEach(() => {
  const { logger, lines } = memoryLogger();
  setProcessLogger(logger);
  log = lines;
});

const get = (app: App, target = "/") => app.handle(new HttpRequest({ target }));

function failingApp(error: unknown): App {
  return new App().get("/", () => {
    throw error;
  });
}

describe("app.onError()", () => {
  it("answers what a handler throws", async () => {
    const app = failingApp(new Taken("name")).onError((error) => {
      return error instanceof Taken ? conflict(error.message) : undefined;
    });
    assert.equal((await get(app)).status, 409);
  });

  it("may answer later, and sees the request", async () => {
    const app = failingApp(new Taken()).onError(async (_error, request) => {
      return text(request.route ?? "");
    });
    assert.equal((await get(app)).body, "/");
  });

  it("leaves an error to the next, and in the end to the server", async () => {
    const asked: string[] = [];
    const app = failingApp(new HttpError(418, "tea"))
      .onError(() => void asked.push("first"))
      .onError(async () => void asked.push("second"));
    const response = await get(app);
    assert.equal(response.status, 418);
    assert.deepEqual(asked, ["first", "second"]);
  });

  it("is given what the one before it threw", async () => {
    const app = failingApp(new Taken())
      .onError(() => {
        throw new HttpError(409, "taken");
      })
      .onError((error) => text(String(error)));
    assert.equal((await get(app)).body, "HttpError: taken");
  });

  it("answers with a 500 where what it returns is no response", async () => {
    const app = failingApp(new Taken()).onError(() => "no" as never);
    assert.equal((await get(app)).status, 500);
    assert.match(JSON.stringify(log), /not an HttpResponse/);
  });

  it("answers what middleware throws, too", async () => {
    const app = new App().get("/", () => ok());
    app.use(() => {
      throw new Taken();
    });
    app.onError(() => text("caught"));
    assert.equal((await get(app)).body, "caught");
  });

  it("of a mounted app answers for its routes", async () => {
    const inner = failingApp(new Taken()).onError(() => text("inner"));
    const app = failingApp(new Taken()).mount("/in", inner);
    app.onError(() => text("outer"));
    assert.equal((await get(app, "/in/")).body, "inner");
    assert.equal((await get(app, "/")).body, "outer");
  });

  it("takes a function only", () => {
    assert.throws(() => new App().onError({} as never), {
      message: "onError() takes a function, not object",
    });
  });
});

describe("an unknown error", () => {
  it("tells the client an id only, which the log has too", async () => {
    const response = await get(failingApp(new Error("secret")));
    const { errorId, ...others } = JSON.parse(String(response.body));
    assert.deepEqual(others, { title: "Internal Server Error", status: 500 });
    assert.match(errorId, /^[0-9a-f-]{36}$/);
    assert.equal(log.length, 1);
    assert.equal(log[0]?.errorId, errorId);
    assert.match(JSON.stringify(log), /secret/);
  });
});

describe("an HttpError", () => {
  it("RFC 9457 §3.2 may have more members", async () => {
    const members = { errors: [{ path: "name", message: "is missing" }] };
    const error = new HttpError(422, "not valid", { members });
    const response = await get(failingApp(error));
    assert.deepEqual(JSON.parse(String(response.body)), {
      title: "Unprocessable Content",
      status: 422,
      detail: "not valid",
      ...members,
    });
  });
});

describe("app.notFound()", () => {
  it("answers where no route has the path", async () => {
    const app = new App().get("/", () => ok());
    app.notFound(({ path }) => text(`nothing at ${path}`, 404));
    assert.equal((await get(app, "/x")).body, "nothing at /x");
    assert.equal((await get(app, "/")).status, 200);
  });

  it("has the middleware of the app around it", async () => {
    const app = new App().notFound(() => text("none", 404));
    app.use(async (request, next) => (await next(request)).with("X-A", "1"));
    assert.equal((await get(app, "/x")).headers.get("X-A"), "1");
  });

  it("leaves another method on a known path to the server", async () => {
    const app = new App().post("/", () => ok());
    app.notFound(() => assert.fail());
    assert.equal((await get(app, "/")).status, 405);
  });
});
