import type { BodySource } from "../http/body/body-source.ts";
import type { RequestServer } from "../http/request-server.ts";

/** The connection of an exchange. */
export interface ExchangeOwner extends BodySource, RequestServer {
  /** Called once, when the exchange is over. */
  onExchangeEnd(): void;
  /** Called after an asynchronous step: received bytes may be read now. */
  onExchangeProgress(): void;
}
