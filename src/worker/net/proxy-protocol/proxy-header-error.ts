export type ProxyHeaderFault = "malformed" | "too_long" | "checksum";

/** The bytes are not a valid PROXY header, nor the beginning of one. */
export class ProxyHeaderError extends Error {
  readonly fault: ProxyHeaderFault;

  constructor(fault: ProxyHeaderFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
