import { Arrivals } from './arrivals.js';
import type { Route } from './transport.js';

/** What has an order, and may have to keep it. */
interface Ordered<Self> {
  readonly order: number;
  /** Whether it is under way. */
  inFlight: boolean;
  conflictsWith(other: Self): boolean;
}

/** What is under way in one domain, all of it over one route. */
export class Traffic<A extends Ordered<A>> {
  /** Where it goes; undefined while nothing does. */
  route: Route | undefined;
  /** In the order in which it was sent. */
  readonly #underWay = new Arrivals<A>(({ inFlight }) => !inFlight);
  /** What was done while something earlier was still under way. */
  #done: A[] = [];

  get isEmpty(): boolean {
    return this.#underWay.size === 0;
  }

  enter(attempt: A, route: Route): void {
    this.route = route;
    attempt.inFlight = true;
    this.#underWay.add(attempt);
  }

  /** Whether something later that conflicts with it was done already. */
  overtook(attempt: A): boolean {
    return this.#done.some((done) => done.order > attempt.order && done.conflictsWith(attempt));
  }

  /** Notes that an attempt came off the wire. */
  leave(attempt: A, done: boolean): void {
    attempt.inFlight = false;
    this.#underWay.left();
    const { first } = this.#underWay;
    if (first === undefined) {
      this.route = undefined;
      if (this.#done.length > 0) this.#done.length = 0;
      return;
    }
    // Replies of a transaction are handled a little later than those of plain commands.
    if (this.#done.length > 0) this.#done = this.#done.filter(({ order }) => order > first.order);
    if (done && attempt.order > first.order) this.#done.push(attempt);
  }
}
