import {
  cors,
  createApp,
  json,
  logging,
  noContent,
  requestId,
  securityHeaders,
} from "../../../dist/index.js";
import {
  CACHE_CONTROL,
  GROUPS,
  hasBody,
  ORIGIN,
  PAGES,
  PREFIX,
} from "./api.js";

const app = createApp();

app.use(requestId());
if (process.env.ACCESS_LOG) app.use(logging());
app.use(
  securityHeaders({
    contentSecurityPolicy: { "default-src": ["'self'"] },
    hsts: { always: true },
  }),
  cors({
    origins: [ORIGIN],
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    exposedHeaders: ["X-Request-Id"],
    maxAgeSeconds: 600,
  }),
);

for (const route of PAGES) add(app.router, route);
app.router.group(PREFIX, (api) => {
  api.use(async (request, next) => {
    const response = await next(request);
    return response.with("Cache-Control", CACHE_CONTROL);
  });
  for (const { prefix, routes } of GROUPS) {
    api.group(prefix, (group) => {
      for (const route of routes) add(group, route);
    });
  }
});

export default app;

function add(group, route) {
  group.route(route.method, route.pattern, handlerOf(route));
}

function handlerOf(route) {
  const { answer, status } = route;
  if (hasBody(route)) {
    return async (request) => {
      return json(answer(request.pathParams, await request.json()), status);
    };
  }
  return ({ pathParams }) => {
    const content = answer(pathParams);
    return content === undefined ? noContent() : json(content, status);
  };
}
