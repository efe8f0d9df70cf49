import { createServer } from "node:http";
import { parseCookie } from "cookie";
import { announce } from "../announce.js";
import { pageFor } from "./page.js";

const ARTICLE = /^\/articles\/([^/?]+)(?:\?|$)/;

const server = createServer(({ url, headers }, response) => {
  const [, id] = ARTICLE.exec(url);
  const { session } = parseCookie(headers.cookie);
  const { "accept-language": language, referer: from } = headers;
  const body = pageFor(id, { session, language, from });
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => announce(server));
