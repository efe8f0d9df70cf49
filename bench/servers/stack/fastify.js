/** Fastify with the plugins that its users take. */
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import { announce } from "../announce.js";
import { ORIGIN } from "./api.js";
import { addApi, fastifyApp } from "./fastify-app.js";

const app = fastifyApp();
await app.register(helmet, {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'self'"], frameAncestors: ["'self'"] },
  },
  referrerPolicy: { policy: "strict-origin-when-cross-origin" },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  // What the others do not send.
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});
await app.register(cors, {
  origin: [ORIGIN],
  credentials: true,
  methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
  exposedHeaders: ["X-Request-Id"],
  maxAge: 600,
});
addApi(app);
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
