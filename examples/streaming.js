// Bodies that are never whole in memory, in both directions.
//
//   node dist/cli.js start examples/streaming.js --max-body-bytes 1000000000
//   curl -N localhost:8080/numbers/5
//   head -c 100000000 /dev/zero | curl -T - localhost:8080/upload
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createApp, HttpError, ok, stream } from "remuda";

const MAX_NUMBERS = 1_000_000;

const app = createApp();

// The generator is asked for the next piece when the client has room for it.
app.get("/numbers/:count", ({ pathParams }) => {
  const count = Number(pathParams.count);
  if (!Number.isInteger(count) || count < 1 || count > MAX_NUMBERS) {
    throw new HttpError(400, `count is a number from 1 to ${MAX_NUMBERS}`);
  }
  return stream(numbers(count), "text/plain; charset=utf-8");
});

// Goes on until the client leaves, or the worker is about to.
app.get("/clock", ({ signal, drainSignal }) => {
  const either = AbortSignal.any([signal, drainSignal]);
  return stream(ticks(either), "text/plain; charset=utf-8");
});

// While a chunk is being dealt with, the client is held back.
app.put("/upload", async ({ body }) => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return ok({ bytes, sha256: hash.digest("hex") });
});

export default app;

async function* numbers(count) {
  for (let number = 1; number <= count; number++) yield `${number}\n`;
}

async function* ticks(signal) {
  while (!signal.aborted) {
    yield `${new Date().toISOString()}\n`;
    await delay(1_000, undefined, { signal }).catch(() => {});
  }
}
