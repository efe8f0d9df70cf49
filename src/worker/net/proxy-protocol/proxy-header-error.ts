export type ProxyHeaderFault = "malformed" | "too_long" | "checksum";

/** Bytes that cannot be, or become, a header that is taken. */
export class ProxyHeaderError extends Error {
  readonly fault: ProxyHeaderFault;

  constructor(fault: ProxyHeaderFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
