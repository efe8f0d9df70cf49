// App for the strict client; each response names its source.
import { setTimeout as delay } from "node:timers/promises";
import { createApp, ok, text } from "remuda";

/** An app whose responses contain the version and the instance. */
export function versionedApp(version) {
  const app = createApp();
  const fields = [
    ["X-Instance", process.env.INSTANCE ?? ""],
    ["X-Version", version],
  ];
  app.use(async (request, next) => {
    let response = await next(request);
    for (const [name, value] of fields) response = response.with(name, value);
    return response;
  });
  app.get("/", () => text("hello"));
  app.get("/slow/:ms", async (request) => {
    await delay(Number(request.pathParams.ms));
    return text("slow");
  });
  app.post("/upload", async (request) => {
    let bytes = 0;
    for await (const chunk of request.body) bytes += chunk.length;
    return ok({ bytes });
  });
  return app;
}
