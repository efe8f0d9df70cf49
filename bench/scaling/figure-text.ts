/** Without a fraction, with commas. */
export function whole(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Two digits that say something, or all before the point. */
export function figure(value: number): string {
  return value < 10 ? value.toFixed(1) : whole(value);
}

/** How far something is off. */
export function percent(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}

/** A part of a whole. */
export function percentOf(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
