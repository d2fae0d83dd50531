/** Figures as a person reads them. */
const whole = new Intl.NumberFormat("en-US");

export function count(value: number): string {
  return whole.format(value);
}

export function short(value: number): string {
  if (value < 10_000) return whole.format(Math.round(value));
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)} k`;
  return `${(value / 1_000_000).toFixed(2)} M`;
}

export function rate(value: number): string {
  return value === 0 ? "0" : value < 10 ? value.toFixed(1) : whole.format(Math.round(value));
}

const units = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function percent(part: number, all: number): string {
  if (all === 0) return "0 %";
  const share = (100 * part) / all;
  return `${share > 0 && share < 0.1 ? "< 0.1" : share < 10 ? share.toFixed(1) : Math.floor(share)} %`;
}

export function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

export function moment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
  });
}

export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, {
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
    second: "2-digit",
  });
}
