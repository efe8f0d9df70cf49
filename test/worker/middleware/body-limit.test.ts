import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { App } from "../../../src/worker/app/app.ts";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ok, text } from "../../../src/worker/http/response-helpers.ts";
import { bodyLimit } from "../../../src/worker/middleware/body-limit.ts";
import { connect, requestOf, settled } from "../http1/test-connection.ts";

const CHUNKED = ["Transfer-Encoding: chunked"];
const GET = requestOf("GET /next");
const echo = async (request: HttpRequest) => text(await request.text());

/** An app on a connection; GET /next shows that it goes on. */
function serve(app: App) {
  app.get("/next", () => ok("next"));
  return connect((request) => app.handle(request));
}

const unwanted = () => assert.fail("the handler ran");

describe("bodyLimit()", () => {
  it("RFC 9110 §15.5.14 refuses a declared length before the handler", () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 })).post("/", unwanted);
    const { client } = serve(app);
    client.receive(requestOf("POST /", [], "12345") + GET);
    const [refusal, next] = client.responses();
    assert.equal(refusal?.status, 413);
    assert.deepEqual(JSON.parse(String(refusal?.body)), {
      title: "Content Too Large",
      status: 413,
      detail: "a body over 4 bytes",
    });
    assert.equal(refusal?.closes, false);
    assert.equal(next?.body.toString(), "next");
  });

  it("RFC 9110 §10.1.1 refuses instead of saying 100, and closes", () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 })).post("/", unwanted);
    const { client } = serve(app);
    const fields = ["Expect: 100-continue", "Content-Length: 5"];
    client.receive(requestOf("POST /", fields));
    const [refusal] = client.responses();
    assert.equal(refusal?.status, 413);
    assert.deepEqual(refusal?.interim, []);
    assert.equal(refusal?.closes, true);
  });

  it("lets bodies through that are as long as may be", async () => {
    const app = new App().use(bodyLimit({ maxBytes: 5 })).post("/", echo);
    const { client } = serve(app);
    client.receive(requestOf("POST /", [], "12345"));
    client.receive(`${requestOf("POST /", CHUNKED)}5\r\nabcde\r\n0\r\n\r\n`);
    await settled();
    const bodies = client.responses().map(({ body }) => body.toString());
    assert.deepEqual(bodies, ["12345", "abcde"]);
  });

  it("refuses chunks that have come before the handler", () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 })).post("/", unwanted);
    const { client } = serve(app);
    client.receive(`${requestOf("POST /", CHUNKED)}5\r\nabcde\r\n0\r\n\r\n`);
    client.receive(GET);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [413, 200]);
  });

  it("counts chunks as they come, and tells who reads", async () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 }));
    let got = "";
    app.post("/", async ({ body }) => {
      for await (const chunk of body) got += chunk;
      return ok();
    });
    const { client } = serve(app);
    client.receive(`${requestOf("POST /", CHUNKED)}3\r\nabc\r\n`);
    await settled();
    assert.equal(got, "abc");
    client.receive("2\r\nde\r\n");
    await settled();
    const [refusal] = client.responses();
    assert.equal(refusal?.status, 413);
    assert.equal(got, "abc");
    // How much is to come nobody knows.
    assert.equal(refusal?.closes, true);
    assert.equal(client.ending, "fin");
  });

  it("lets a connection go on where the body has come", async () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 })).post("/", echo);
    const { client } = serve(app);
    client.receive(requestOf("POST /", CHUNKED));
    client.receive(`3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n${GET}`);
    await settled();
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [413, 200]);
  });

  it("is an exception that a handler may answer", async () => {
    const app = new App().use(bodyLimit({ maxBytes: 4 }));
    app.post("/", async (request) => {
      const error = await request.bytes().catch((error) => error);
      return text(`${error.status}`);
    });
    const { client } = serve(app);
    client.receive(requestOf("POST /", CHUNKED));
    client.receive(`5\r\nabcde\r\n0\r\n\r\n`);
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "413");
  });

  const options: [what: string, options: unknown, error: RegExp][] = [
    ["no limit", {}, /bodyLimit\(\) needs the option maxBytes/],
    ["no options", undefined, /the options of bodyLimit\(\) must be an obj/],
    ["half a byte", { maxBytes: 0.5 }, /option maxBytes .* a whole number, 0 /],
    ["another name", { limit: 1 }, /no option "limit"; .* maxBytes/],
  ];
  for (const [what, value, error] of options) {
    it(`is not made with ${what}`, () => {
      assert.throws(() => bodyLimit(value as { maxBytes: number }), error);
    });
  }
});

describe("the most specific limit counts:", () => {
  /** The limit that a POST of 8 bytes is over, or "taken". */
  async function outcome(app: App): Promise<string> {
    const { client } = serve(app);
    client.receive(requestOf("POST /", [], "12345678"));
    await settled();
    const { status, body } = client.responses()[0] as {
      status: number;
      body: Buffer;
    };
    return status === 413 ? JSON.parse(String(body)).detail : `${body}`;
  }
  const limit = (maxBytes: number) => bodyLimit({ maxBytes });

  it("a group's over the app's", async () => {
    const app = new App().use(limit(4));
    app.router.use(limit(8)).post("/", echo);
    assert.equal(await outcome(app), "12345678");
  });

  it("a group's over that of the group around", async () => {
    const app = new App();
    app.router.use(limit(8)).group("", (inner) => {
      inner.use(limit(2)).post("/", echo);
    });
    assert.equal(await outcome(app), "a body over 2 bytes");
  });

  for (const [maxBodyBytes, expected] of [
    [8, "12345678"],
    [3, "a body over 3 bytes"],
  ] as const) {
    it(`a route's ${maxBodyBytes} over all others`, async () => {
      const app = new App().use(limit(4));
      app.router.use(limit(5)).post("/", echo, { maxBodyBytes });
      assert.equal(await outcome(app), expected);
    });
  }

  it("a route's without any other", async () => {
    const app = new App().post("/", unwanted, { maxBodyBytes: 7 });
    assert.equal(await outcome(app), "a body over 7 bytes");
  });

  it("a route's for middleware that reads the body, too", async () => {
    const app = new App();
    app.router.use(async (request, next) => {
      await request.bytes();
      return next(request);
    });
    app.post("/", unwanted, { maxBodyBytes: 7 });
    assert.equal(await outcome(app), "a body over 7 bytes");
  });

  it("the setting over all others", () => {
    const app = new App().post("/", unwanted, { maxBodyBytes: 100 });
    const handler = (request: HttpRequest) => app.handle(request);
    const { client, observer } = connect(handler, { maxBodyBytes: 7 });
    client.receive(requestOf("POST /", [], "12345678"));
    assert.equal(client.responses()[0]?.status, 413);
    assert.equal(observer.events[1], "parse error body_too_large");
  });
});

describe("a body that its handler leaves", () => {
  it("§9.6 closes the connection with a word, where it is long", async () => {
    const app = new App().post("/", async ({ body }) => {
      for await (const _ of body) break;
      return new HttpResponse("enough");
    });
    const { client } = serve(app);
    client.receive(requestOf("POST /", ["Content-Length: 1000000"]));
    client.receive("a");
    await settled();
    const [response] = client.responses();
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
  });
});
