/** RFC 9110: what an answer says besides its content, and what of errors. */
import assert from "node:assert/strict";
import { setProcessLogger } from "../../src/shared/logging/logger.ts";
import { App } from "../../src/worker/app/app.ts";
import { HttpError } from "../../src/worker/http/http-error.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import {
  ok,
  serviceUnavailable,
  text,
  unauthorized,
} from "../../src/worker/http/response-helpers.ts";
import { deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { memoryLogger } from "../worker/memory-logger.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const IMF_FIXDATE =
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** The answers of an app to requests in a row, and what it has logged. */
async function answersOf(app: App, ...targets: string[]) {
  const { logger, lines } = memoryLogger();
  setProcessLogger(logger);
  const { client } = connect((request) => app.handle(request));
  for (const target of targets) {
    client.receive(requestOf(`GET ${target}`));
    await settled();
  }
  return { responses: client.responses(), log: lines };
}

rule("responses/date", "RFC 9110 §6.6.1 has one Date in each answer", () => {
  const answers = [
    ok(),
    new HttpResponse(null, { status: 204 }),
    new HttpResponse(null, { status: 304 }),
    new HttpResponse(null, { status: 404 }),
    new HttpResponse(null, { status: 500 }),
  ];
  const { client } = connect(() => answers.shift() as HttpResponse);
  client.receive(GET.repeat(5) + requestOf("GET /", ["Expect: x"]));
  const responses = client.responses();
  assert.equal(responses.length, 6);
  for (const { fields } of responses) {
    const dates = fields.filter(([name]) => name.toLowerCase() === "date");
    assert.equal(dates.length, 1);
    assert.match(dates[0]?.[1] ?? "", IMF_FIXDATE);
  }
});
rule("responses/date", "RFC 9110 §6.6.1 keeps a Date of one's own", () => {
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  const { client } = connect(() => ok().with("date", date));
  client.receive(GET);
  const [response] = client.responses();
  const dates = response?.fields.filter(([name]) => /^date$/i.test(name));
  assert.deepEqual(dates, [["date", date]]);
});

rule(
  "responses/refusal",
  "RFC 9457 §3 says what was wrong in a refusal",
  () => {
    const { client } = connect(() => ok());
    client.receive("GET / HTTP/1.1\r\n\r\n");
    const [response] = client.responses();
    const { date, ...fields } = { ...response?.headers };
    assert.match(date ?? "", IMF_FIXDATE);
    assert.deepEqual(fields, {
      server: "test",
      "content-type": "application/problem+json",
      "content-length": `${response?.body.length}`,
      connection: "close",
    });
    assert.deepEqual(JSON.parse(String(response?.body)), {
      title: "Bad Request",
      status: 400,
      detail: "a request without Host",
    });
  },
);
rule(
  "responses/refusal",
  "RFC 9110 §15.5 repeats none of the client's bytes in a refusal",
  () => {
    const { client } = connect(() => ok());
    client.receive("<script>alert(1)</script> / HTTP/1.1\r\n\r\n");
    assert.equal(client.responses()[0]?.status, 400);
    assert.ok(!client.sent.includes("script"));
  },
);

rule(
  "responses/unauthorized",
  "RFC 9110 §11.6.1 has a challenge with 401",
  async () => {
    const app = new App()
      .get("/thrown", () => {
        throw new HttpError(401);
      })
      .get("/made", () => unauthorized())
      .get("/own", () => {
        const headers = { "WWW-Authenticate": ["Bearer", "Basic realm=x"] };
        throw new HttpError(401, "who?", { headers });
      });
    const { responses } = await answersOf(app, "/thrown", "/made", "/own");
    const challenges = responses.map(({ headers }) => {
      return headers["www-authenticate"];
    });
    assert.deepEqual(challenges, ["Basic", "Basic", "Bearer, Basic realm=x"]);
  },
);
rule(
  "responses/retry-after",
  "RFC 9110 §15.6.4 says with 503 when to come back",
  async () => {
    const app = new App()
      .get("/thrown", () => {
        throw new HttpError(503);
      })
      .get("/made", () => serviceUnavailable())
      .get("/own", () => {
        throw new HttpError(503, "wait", { headers: { "Retry-After": 60 } });
      });
    const { responses } = await answersOf(app, "/thrown", "/made", "/own");
    const times = responses.map(({ headers }) => headers["retry-after"]);
    assert.deepEqual(times, ["1", "1", "60"]);
  },
);

const failures: [how: string, fail: () => never | Promise<never>][] = [
  [
    "throws",
    () => {
      throw new Error("the password is tiger");
    },
  ],
  ["rejects", () => Promise.reject(new Error("the password is tiger"))],
];
for (const [how, fail] of failures) {
  rule(
    "responses/handler-failure",
    `RFC 9110 §15.6.1 answers 500 for a handler that ${how}, and goes on`,
    async () => {
      const app = new App().get("/fail", fail).get("/", () => text("fine"));
      const targets = ["/fail", "/", "/fail", "/"];
      const { responses, log } = await answersOf(app, ...targets);
      assert.deepEqual(
        responses.map(({ status, closes }) => [status, closes]),
        [
          [500, false],
          [200, false],
          [500, false],
          [200, false],
        ],
      );
      assert.ok(!String(responses[0]?.body).includes("tiger"));
      assert.deepEqual(
        log.map(({ msg }) => msg),
        ["GET /fail failed", "GET /fail failed"],
      );
      assert.match(JSON.stringify(log[0]), /the password is tiger/);
    },
  );
}
rule(
  "responses/handler-failure",
  "RFC 9110 §15.6.1 lets other connections go on",
  async () => {
    setProcessLogger(memoryLogger().logger);
    const answer = deferred<HttpResponse>();
    const app = new App()
      .get("/fail", () => Promise.reject(new Error("no")))
      .get("/", () => answer.promise);
    const other = connect((request) => app.handle(request));
    other.client.receive(GET);
    const failing = connect((request) => app.handle(request));
    failing.client.receive(requestOf("GET /fail"));
    await settled();
    assert.equal(failing.client.responses()[0]?.status, 500);
    answer.resolve(text("fine"));
    await settled();
    assert.equal(other.client.responses()[0]?.body.toString(), "fine");
  },
);
rule(
  "responses/handler-failure",
  "RFC 9110 §15.6.1 answers 500 for what is no response",
  async () => {
    const app = new App().get("/", (() => "text") as never);
    const { responses, log } = await answersOf(app, "/");
    assert.equal(responses[0]?.status, 500);
    assert.equal(log.length, 1);
  },
);
