import type { Group } from "./kind.ts";
import { Peer } from "./peer.ts";
import type { Tally } from "./tally.ts";

const TICK_MS = 10;
/** Number of source addresses; each has its own ephemeral ports. */
const SOURCES = 8;
/** Lost time beyond this is skipped: a burst would be another attack. */
const MAX_BACKLOG_MS = 50;

/** Keeps a group of connections open and schedules their turns. */
export class Swarm {
  /** Settles when all its connections are closed. */
  readonly ended: Promise<void>;
  readonly #group: Group;
  readonly #port: number;
  readonly #tally: Tally;
  readonly #peers: Peer[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #opens: Pace;
  readonly #turns: Pace;
  #settle: () => void = () => {};
  #next = 0;
  #isEnding = false;

  constructor(group: Group, port: number, tally: Tally) {
    this.#group = group;
    this.#port = port;
    this.#tally = tally;
    this.#opens = new Pace(group.opensPerSecond);
    this.#turns = new Pace(group.turnsPerSecond);
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Closes all connections without further data. */
  end(): void {
    clearInterval(this.#timer);
    this.#isEnding = true;
    for (const peer of this.#peers) peer.destroy();
    if (this.#peers.length === 0) this.#settle();
  }

  #tick(): void {
    const missing = this.#group.connections - this.#peers.length;
    const opens = Math.min(missing, this.#opens.take());
    for (let opened = 0; opened < opens; opened++) this.#open();
    for (let left = this.#turns.take(); left > 0; left--) this.#giveTurn();
  }

  #open(): void {
    const source = 2 + (this.#tally.opened % SOURCES);
    const peer = new Peer({
      port: this.#port,
      localAddress: `127.0.0.${source}`,
      group: this.#group,
      tally: this.#tally,
      onClosed: (closed) => this.#forget(closed),
    });
    this.#peers.push(peer);
  }

  #giveTurn(): void {
    if (this.#peers.length === 0) return;
    this.#next = (this.#next + 1) % this.#peers.length;
    const peer = this.#peers[this.#next] as Peer;
    if (!peer.isOpen) return;
    this.#group.onTurn?.(peer);
    peer.turns++;
  }

  #forget(peer: Peer): void {
    const last = this.#peers.pop() as Peer;
    if (last !== peer) this.#peers[this.#peers.indexOf(peer)] = last;
    if (this.#isEnding && this.#peers.length === 0) this.#settle();
  }
}

/** Counts due events at a fixed rate. */
class Pace {
  readonly #perMs: number;
  #takenAt = performance.now();
  #due = 0;

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000;
  }

  take(): number {
    const now = performance.now();
    const elapsedMs = Math.min(now - this.#takenAt, MAX_BACKLOG_MS);
    this.#takenAt = now;
    this.#due += elapsedMs * this.#perMs;
    const whole = Math.floor(this.#due);
    this.#due -= whole;
    return whole;
  }
}
