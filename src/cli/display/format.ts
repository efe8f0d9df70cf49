/** `850 ms`, `12.3 s`, `4m 05s`, `3h 12m`, `12d 4h`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `512 B`, `83.1 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = "";
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** `1 234 567`: digits in groups, the same in every locale. */
export function countText(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, " ");
}

/** `0.4 ms`, `12 ms`, `1.5 s`; `-` where there is none. */
export function latencyText(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  if (seconds === Number.POSITIVE_INFINITY) return "very long";
  const ms = seconds * 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${seconds.toFixed(1)} s`;
}

/** `34 %` of 0.34. */
export function shareText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
