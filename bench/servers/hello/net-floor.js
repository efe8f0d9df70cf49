/**
 * What `node:net` costs by itself, used as everybody does, as a stream: fixed
 * bytes for each head that ends, and nothing is parsed.
 */
import { createServer } from "node:net";
import { announce } from "../announce.js";

const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const ANSWER =
  "HTTP/1.1 200 OK\r\n" +
  "Content-Type: text/plain; charset=utf-8\r\n" +
  "Content-Length: 11\r\n" +
  "\r\n" +
  "Hello World";

const server = createServer({ noDelay: true }, (socket) => {
  let rest = NOTHING;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    let count = 0;
    let end = 0;
    let at = bytes.indexOf(HEAD_END);
    while (at >= 0) {
      count++;
      end = at + HEAD_END.length;
      at = bytes.indexOf(HEAD_END, end);
    }
    // An end may be cut in two.
    const keep = Math.min(bytes.length - end, HEAD_END.length - 1);
    rest = keep ? bytes.subarray(bytes.length - keep) : NOTHING;
    if (count) socket.write(ANSWER.repeat(count), "latin1");
  });
});
server.listen(0, "127.0.0.1", () => announce(server));
