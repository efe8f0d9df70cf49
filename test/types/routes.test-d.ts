/** What the compiler knows of routes: compiled by `npm run types`, not run. */
import {
  App,
  createApp,
  type HttpRequest,
  type Middleware,
  noContent,
  ok,
  type PathParams,
  type RouteHandler,
  Router,
} from "../../src/index.ts";
import { typed } from "./equal.ts";

const app = createApp();

// A pattern gives its parameters, all of them texts, and no others.
app.get("/users/:id", ({ pathParams }) => {
  typed<{ id: string }>()(pathParams);
  // @ts-expect-error there is no such parameter
  return ok(pathParams.name);
});
app.put("/users/:id/posts/:post", ({ pathParams }) => {
  typed<{ id: string; post: string }>()(pathParams);
  return noContent();
});
app.delete("/orders/:id(\\d+)/items/:item([a-z]+)", ({ pathParams }) => {
  typed<{ id: string; item: string }>()(pathParams);
  return noContent();
});
app.get("/files/*path", ({ pathParams }) => {
  typed<{ path: string }>()(pathParams);
  return ok();
});
app.get("/files/*", ({ pathParams }) => {
  typed<{ "*": string }>()(pathParams);
  return ok();
});
app.get("/", ({ pathParams }) => {
  // @ts-expect-error the pattern has no parameter
  return ok(pathParams.id);
});

// So it is with every way to register.
app.route(["GET", "PUT"], "/a/:b", ({ pathParams }) => {
  typed<{ b: string }>()(pathParams);
  return ok();
});
app.upgrade("/chat/:room", ({ pathParams }, socket) => {
  typed<{ room: string }>()(pathParams);
  socket.end();
});

// A pattern that is known at run time only gives any name.
const pattern: string = process.argv[2] ?? "/";
app.get(pattern, ({ pathParams }) => {
  typed<PathParams>()(pathParams);
  typed<string | undefined>()(pathParams.any);
  return ok();
});

// A group adds the parameters of its prefix, also inside of another.
app.router.group("/api/:version", (api) => {
  api.get("/users", ({ pathParams }) => {
    typed<{ version: string }>()(pathParams);
    return ok();
  });
  api.group("/tenants/:tenant", (tenant) => {
    tenant.get("/users/:id", ({ pathParams }) => {
      typed<{ version: string; tenant: string; id: string }>()(pathParams);
      return ok();
    });
    tenant.upgrade("/chat/:room", ({ pathParams }) => {
      typed<{ version: string; tenant: string; room: string }>()(pathParams);
    });
  });
});

// A handler may be written on its own.
const handler: RouteHandler<"/users/:id"> = ({ pathParams }) => {
  typed<{ id: string }>()(pathParams);
  return ok();
};
app.get("/users/:id", handler);
// @ts-expect-error the route has no parameter "id"
app.get("/users/:name", handler);
const inGroup: RouteHandler<"/users/:id", "/:tenant"> = ({ pathParams }) => {
  typed<{ tenant: string; id: string }>()(pathParams);
  return ok();
};
new Router().group("/:tenant", (group) => {
  group.get("/users/:id", inGroup);
});

// One that knows nothing of the pattern fits all.
const plain = (request: HttpRequest) => ok(request.pathParams.id);
app.get("/users/:id", plain).get("/none", plain);

// A handler answers with a response, now or later.
app.get("/later", async () => ok());
// @ts-expect-error a text is none
app.get("/text", () => "text");
// @ts-expect-error nothing is none
app.get("/nothing", async () => {});

// Options are those that there are.
app.get("/a", plain, { maxBodyBytes: 0, handlerTimeoutMs: 1, name: "a" });
// @ts-expect-error "timeout" is no option
app.get("/a", plain, { timeout: 1 });

// To register gives what it was called on.
typed<App>()(app.get("/b", plain).use());
typed<Router>()(new Router().get("/b", plain));

// Middleware is not tied to a pattern.
const middleware: Middleware = async (request, next) => {
  typed<PathParams>()(request.pathParams);
  const response = await next(request);
  return response.with("Vary", "Origin");
};
app.use(middleware).get("/c", plain, { middleware: [middleware] });

// Values of a path are texts and numbers.
typed<string>()(app.url("user", { id: 7, name: "a" }));
// @ts-expect-error a list is none
app.url("user", { id: [7] });

app.mount("/other", new App()).mount("/more", new Router());
// @ts-expect-error a handler has no routes
app.mount("/none", handler);
