/** What the compiler knows of requests: compiled by `npm run types`, not run. */
import { z } from "zod";
import {
  contextKey,
  createApp,
  type HttpRequest,
  inject,
  ok,
  type Parser,
  serverSentEvents,
} from "../../src/index.ts";
import { typed } from "./equal.ts";

interface User {
  readonly name: string;
}

declare const request: HttpRequest;
const schema = z.object({ name: z.string(), age: z.coerce.number() });
type Person = { name: string; age: number };

// json() promises what one says, or nothing at all.
typed<unknown>()(await request.json());
typed<User>()(await request.json<User>());
typed<User>()(await request.body.json<User>());

// With a parser it is what that gives.
typed<Person>()(await request.json(schema));
typed<Person>()(await request.json(schema.parse));
typed<Person>()(await request.json(schema.parseAsync));
typed<Person>()(await request.json((value) => schema.parse(value)));
typed<number>()(await request.json((value) => Number(value)));
typed<Date>()(
  await request.json(z.iso.datetime().transform((t) => new Date(t))),
);
// @ts-expect-error an object with parse() is no parser
request.json({ parse: schema.parse });
// @ts-expect-error what is not known is to be looked at before it is used
request.json((value) => value.name);

typed<Person>()(request.parseQuery(schema));
typed<Person>()(request.parseQuery(schema.parse));
const parser: Parser<Person> = schema;
typed<Person>()(request.parseQuery(parser));

// A key of the context knows the type of its value.
const user = contextKey<User>("user");
typed<User | undefined>()(request.context.get(user));
typed<User>()(request.context.need(user));
request.context.set(user, { name: "ann" });
// @ts-expect-error that is no user
request.context.set(user, { nickname: "ann" });

// What was injected.
const app = createApp();
const response = await inject(app, { path: "/", query: { page: 1 } });
typed<number>()(response.status);
typed<unknown>()(await response.json());
typed<User>()(await response.json<User>());
// @ts-expect-error a path, not an URL
inject(app, { url: "/" });

// Sources of events.
async function* events() {
  yield "text";
  yield { event: "tick", data: [1], id: "7" };
}
serverSentEvents(request, events());
serverSentEvents(request, events);
serverSentEvents(request, async ({ lastEventId }) => {
  typed<string | undefined>()(lastEventId);
  return events();
});
serverSentEvents(request, (client) => {
  typed<boolean>()(client.send("text"));
  client.signal.addEventListener("abort", () => client.close());
});
serverSentEvents(request, async (client) => {
  client.send({ data: 1 });
});
// @ts-expect-error events are texts and objects
serverSentEvents(request, [1]);

app.get("/", () => ok());
