import type { FuzzProperty } from "./fuzz-property.ts";
import { chunks } from "./properties/chunks.ts";
import { forms } from "./properties/forms.ts";
import { lives } from "./properties/lives.ts";
import { proxy } from "./properties/proxy.ts";
import { proxySockets } from "./properties/proxy-sockets.ts";
import { reference } from "./properties/reference.ts";
import { responseSplitting } from "./properties/response-splitting.ts";
import { responses } from "./properties/responses.ts";
import { sharedParsers } from "./properties/shared-parsers.ts";
import { sockets } from "./properties/sockets.ts";
import { splits } from "./properties/splits.ts";
import { thrownOverSockets } from "./properties/thrown-over-sockets.ts";
import { thrownValues } from "./properties/thrown-values.ts";
import { validRequests } from "./properties/valid-requests.ts";
import { workerMessages } from "./properties/worker-messages.ts";

/** Properties for `npm test` and `npm run fuzz`. */
export const properties: readonly FuzzProperty[] = [
  validRequests,
  splits,
  reference,
  chunks,
  sharedParsers,
  lives,
  sockets,
  responses,
  responseSplitting,
  proxy,
  proxySockets,
  forms,
  workerMessages,
  thrownValues,
  thrownOverSockets,
];
