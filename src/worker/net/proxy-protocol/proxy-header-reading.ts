import type { ProxyHeader } from "./proxy-header.ts";

/** What the first bytes of a connection are, which all come from its start. */
export type ProxyHeaderReading =
  /** It has no more than `mostBytes`, as far as can be known yet. */
  | { readonly type: "incomplete"; readonly mostBytes: number }
  | {
      readonly type: "whole";
      readonly header: ProxyHeader;
      readonly byteCount: number;
    };
