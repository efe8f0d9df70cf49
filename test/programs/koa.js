/** A Koa app. */
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import Koa from "koa";

const app = new Koa();

app.use(async (context, next) => {
  const startedAt = performance.now();
  await next();
  context.set("X-Response-Time", `${performance.now() - startedAt} ms`);
});

app.use(async (context) => {
  switch (context.path) {
    case "/":
      context.body = { hello: "world" };
      break;
    case "/slow":
      await delay(300);
      context.body = "slow";
      break;
    case "/stream":
      context.type = "text";
      context.body = Readable.from(numbers());
      break;
    case "/upload": {
      let bytes = 0;
      for await (const chunk of context.req) bytes += chunk.length;
      context.body = { bytes };
      break;
    }
    default:
      context.throw(404, "no such page");
  }
});

async function* numbers() {
  for (let number = 0; number < 100; number++) {
    if (number % 10 === 0) await delay(5);
    yield `${number}\n`;
  }
}

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log("listens on", server.address().port);
});

process.on("SIGTERM", () => {
  server.close(() => console.log("koa is closed"));
});
