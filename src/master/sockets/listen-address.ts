export type { ListenAddress } from "../../shared/listen-address.ts";
