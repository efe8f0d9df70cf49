/**
 * The attributes and the name of a server span, by the stable semantic
 * conventions for HTTP:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * Runs per traced request.
 */
import type { Socket } from "node:net";
import type { Attributes } from "@opentelemetry/api";
import { UNIX } from "../../shared/addresses/address-list.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { methodLabel } from "../http/method-label.ts";

/** Attributes that are known when a request begins: samplers read them. */
export function startAttributes(request: HttpRequest): Attributes {
  const { method, path, target, protocol, httpVersion, headers } = request;
  const label = methodLabel(method);
  const attributes: Attributes = {
    "http.request.method": label,
    "url.path": path,
    "url.scheme": protocol,
    "network.protocol.version": httpVersion,
  };
  if (label !== method) attributes["http.request.method_original"] = method;
  if (target.length > path.length + 1) {
    attributes["url.query"] = withoutSecrets(target.slice(path.length + 1));
  }
  const userAgent = headers.get("user-agent");
  if (userAgent !== undefined) attributes["user_agent.original"] = userAgent;
  addServer(attributes, request.host);
  addClient(attributes, request);
  return attributes;
}

/** "GET /users/:id", or "GET" where no route is known. */
export function spanName(method: string, route?: string): string {
  const label = methodLabel(method);
  const verb = label === "_OTHER" ? "HTTP" : label;
  return route === undefined ? verb : `${verb} ${route}`;
}

/** Parameters whose values must not be shown, by the conventions. */
const SECRETS =
  /((?:^|&)(?:AWSAccessKeyId|Signature|sig|X-Goog-Signature)=)[^&]*/g;

function withoutSecrets(query: string): string {
  return query.replace(SECRETS, "$1REDACTED");
}

const PORT = /:([0-9]{1,5})$/;

/** @param host "example.org:8080", "[::1]:8080", or without a port */
function addServer(attributes: Attributes, host: string | undefined): void {
  if (!host) return;
  const port = PORT.exec(host);
  attributes["server.address"] = port ? host.slice(0, port.index) : host;
  if (port) attributes["server.port"] = Number(port[1]);
}

/** A Unix socket has no addresses. */
function addClient(attributes: Attributes, request: HttpRequest): void {
  const { remoteAddress, peerAddress, connection } = request;
  if (remoteAddress !== undefined && remoteAddress !== UNIX) {
    attributes["client.address"] = remoteAddress;
  }
  if (peerAddress === undefined || peerAddress === UNIX) return;
  attributes["network.peer.address"] = peerAddress;
  const socket = connection?.clientSocket as Partial<Socket> | undefined;
  const port = socket?.remotePort;
  if (port !== undefined) attributes["network.peer.port"] = port;
}
