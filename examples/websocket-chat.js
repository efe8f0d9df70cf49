// A chat over WebSockets, by the ws package ("npm install ws"; the clone has
// it). Open http://localhost:8080 in two windows.
//
//   node dist/cli.js start examples/websocket-chat.js --workers 1
//
// Who is in the chat is known to this worker alone, hence the one worker. For
// more of them, send what is said through something that all of them hear, such
// as publish and subscribe of Redis. A reload does no harm: clients are told to
// come back, and find the new worker.
import { createApp, forbidden, HttpError, html, incomingMessage } from "remuda";
import { WebSocket, WebSocketServer } from "ws";

const MAX_NAME_LENGTH = 30;
const MAX_MESSAGE_BYTES = 4_096;
/** A client for whom so much waits does not read: it is let go. */
const MAX_WAITING_BYTES = 1_000_000;
const PING_INTERVAL_MS = 30_000;
/** RFC 6455 §7.4.1 */
const GOING_AWAY = 1001;

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_MESSAGE_BYTES,
});

const PAGE = `<!doctype html>
<title>Chat</title>
<form><input name="text" placeholder="What do you say?" autocomplete="off">
<button>Say it</button></form>
<pre></pre>
<script type="module">
  const [form, output] = document.querySelectorAll("form, pre");
  const name = prompt("Who are you?") || "somebody";
  let socket;
  function connect() {
    const url = new URL("/chat", location.origin.replace("http", "ws"));
    url.searchParams.set("name", name);
    socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const { from, text } = JSON.parse(data);
      output.append((from ? from + ": " : "") + text + "\\n");
    };
    // Also after a reload. Not all at once: there may be many.
    socket.onclose = () => setTimeout(connect, 500 + Math.random() * 2_000);
  }
  connect();
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(form.elements.text.value);
    form.reset();
  };
</script>
`;

const app = createApp();

app.get("/", () => html(PAGE));

app.upgrade("/chat", enter, { middleware: [ownSite, withName] });

export default app;

// --- before the upgrade: what middleware answers is sent, and HTTP goes on

/** A browser lets every site open a WebSocket here, with its user's cookies. */
function ownSite(request, next) {
  const origin = request.headers.get("Origin");
  if (origin === undefined) return next(request); // no browser
  const host = request.headers.get("Host");
  const isOwn = URL.canParse(origin) && new URL(origin).host === host;
  return isOwn ? next(request) : forbidden("this chat is for its own page");
}

function withName(request, next) {
  const { length } = nameOf(request);
  if (length > 0 && length <= MAX_NAME_LENGTH) return next(request);
  throw new HttpError(400, `name has 1 to ${MAX_NAME_LENGTH} characters`);
}

function nameOf({ query }) {
  return (query.get("name") ?? "").trim();
}

// --- after it

function enter(request, socket, head) {
  const message = incomingMessage(request, socket);
  sockets.handleUpgrade(message, socket, head, (client) => {
    // The worker is leaving, or the client has gone.
    request.signal.addEventListener("abort", () => client.close(GOING_AWAY));
    join(client, nameOf(request));
  });
}

function join(client, name) {
  client.isAlive = true;
  client.on("pong", () => {
    client.isAlive = true;
  });
  client.on("message", (data, isBinary) => {
    if (!isBinary) tellAll({ from: name, text: data.toString() });
  });
  client.on("close", () => tellAll({ text: `${name} has left` }));
  // It ends the client, and "close" follows.
  client.on("error", () => {});
  tellAll({ text: `${name} is here` });
}

function tellAll(message) {
  const text = JSON.stringify(message);
  for (const client of sockets.clients) {
    if (client.bufferedAmount > MAX_WAITING_BYTES) client.terminate();
    else if (client.readyState === WebSocket.OPEN) client.send(text);
  }
}

// A client that was cut off without a word is found by asking: connections
// that are upgraded have no time-out.
setInterval(() => {
  for (const client of sockets.clients) {
    if (!client.isAlive) client.terminate();
    client.isAlive = false;
    client.ping();
  }
}, PING_INTERVAL_MS).unref();
