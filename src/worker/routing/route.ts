import type { Handler } from "../http/handler.ts";
import type { MiddlewareScope } from "./middleware-scope.ts";
import type { ParsedPattern } from "./pattern.ts";

/** What one method of one pattern is answered by. */
export interface Route {
  readonly method: string;
  readonly pattern: ParsedPattern;
  readonly handler: Handler;
  /** The middleware around the handler: its group's, and of those around. */
  readonly scope: MiddlewareScope;
  /** The handler with its middleware folded around; the handler until then. */
  answer: Handler;
}

/** Folds middleware, the outermost first, and a handler into one handler. */
export type Fold = (scope: MiddlewareScope, handler: Handler) => Handler;
