import { createApp, rateLimit, text } from "../../../dist/index.js";

/** Never reached: what is measured is the counting. */
const MAX = 1e9;

/** `hello`, counted by what the clients say they are; or not counted. */
export function limitedApp(scope) {
  const app = createApp();
  if (scope !== undefined) {
    app.use(
      rateLimit({
        max: MAX,
        windowMs: 60_000,
        scope,
        key: (request) => request.headers.get("x-client") ?? "none",
        // A request that is not counted would look cheap.
        whenStoreFails: "refuse",
        storeTimeoutMs: 5_000,
      }),
    );
  }
  app.get("/", () => text("Hello World"));
  return app;
}
