// Events for browsers (Server-Sent Events): the price of hay, once a second.
// Open http://localhost:8080, and reload the server: no second is missing.
//
//   node dist/cli.js start examples/sse.js
//   curl -N localhost:8080/prices
//   curl -N localhost:8080/prices -H "Last-Event-ID: $(($(date +%s) - 10))"
//
// An event's id is the second that it is for, so whichever worker a client
// comes back to knows what it has missed. Yours may be the numbers of rows in a
// database, or of entries in a log.
import { setTimeout as delay } from "node:timers/promises";
import { createApp, html, serverSentEvents } from "remuda";

/** Who was away for longer goes on with what is new. */
const MAX_MISSED = 60;

const PAGE = `<!doctype html>
<title>Hay</title>
<h1>Hay</h1>
<ol reversed></ol>
<script type="module">
  const list = document.querySelector("ol");
  const prices = new EventSource("/prices");
  prices.addEventListener("price", ({ data }) => {
    const { at, price } = JSON.parse(data);
    const item = document.createElement("li");
    item.textContent = at + " " + price;
    list.prepend(item);
    if (list.children.length > 100) list.lastChild.remove();
  });
</script>
`;

const app = createApp();

app.get("/", () => html(PAGE));

// A client comes back soon after a reload; heartbeats are not needed, as there
// is an event each second.
app.get("/prices", (request) =>
  serverSentEvents(request, prices, { retryMs: 200, heartbeatMs: 0 }),
);

export default app;

async function* prices({ lastEventId, signal }) {
  let second = firstSecond(lastEventId);
  while (!signal.aborted) {
    await delay(second * 1_000 - Date.now(), undefined, { signal }).catch(
      () => {}, // the client has left, or the worker leaves
    );
    if (signal.aborted) return;
    const at = new Date(second * 1_000).toISOString();
    const data = { at, price: priceAt(second) };
    yield { id: String(second), event: "price", data };
    second++;
  }
}

/** The one after that of the id, which is the client's word. */
function firstSecond(lastEventId = "") {
  const now = Math.floor(Date.now() / 1_000);
  const next = Number(lastEventId) + 1;
  const isMissed = next >= now - MAX_MISSED && next <= now;
  return isMissed && Number.isInteger(next) ? next : now + 1;
}

function priceAt(second) {
  return Math.round(20_000 + 500 * Math.sin(second / 10)) / 100;
}
