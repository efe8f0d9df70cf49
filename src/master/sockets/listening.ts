import type { ListenAddress } from "../../shared/listen-address.ts";

/** A listener as people are shown it. */
export type Listening = ListenAddress & {
  readonly scheme: "http" | "https";
  readonly scheduling: "balanced" | "shared";
};
