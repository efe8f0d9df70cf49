import { createServer } from "node:http";
import { pipeline, Readable } from "node:stream";
import { announce } from "../announce.js";
import { KIB_64, MIB_10, pieces } from "./content.js";

const TYPE = "application/octet-stream";

const server = createServer((request, response) => {
  switch (`${request.method} ${request.url}`) {
    case "GET /64k":
      sendWhole(response, KIB_64);
      break;
    case "GET /10m":
      sendWhole(response, MIB_10);
      break;
    case "GET /10m/streamed":
      writeHead(response, TYPE, MIB_10.length);
      pipeline(Readable.from(pieces(MIB_10)), response, () => {});
      break;
    case "POST /upload":
      receive(request, response);
      break;
    default:
      response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => announce(server));

function writeHead(response, type, length) {
  response.writeHead(200, { "Content-Type": type, "Content-Length": length });
}

function sendWhole(response, content) {
  writeHead(response, TYPE, content.length);
  response.end(content);
}

function receive(request, response) {
  let bytes = 0;
  request.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.on("end", () => {
    const body = JSON.stringify({ bytes });
    writeHead(response, "application/json", body.length);
    response.end(body);
  });
}
