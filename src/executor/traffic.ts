import type { Route } from './transport.js';

/** What has an order, and may have to keep it. */
interface Ordered<Self> {
  readonly order: number;
  conflictsWith(other: Self): boolean;
}

/** What is under way in one domain, all of it over one route. */
export class Traffic<A extends Ordered<A>> {
  readonly route: Route;
  /** In the order in which it was sent. */
  readonly #underWay = new Set<A>();
  /** What was done while something earlier was still under way. */
  #done: A[] = [];

  constructor(route: Route) {
    this.route = route;
  }

  enter(attempt: A): void {
    this.#underWay.add(attempt);
  }

  /** Whether something later that conflicts with it was done already. */
  overtook(attempt: A): boolean {
    return this.#done.some((done) => done.order > attempt.order && done.conflictsWith(attempt));
  }

  /** Notes that an attempt came off the wire; returns whether nothing is under way any more. */
  leave(attempt: A, done: boolean): boolean {
    this.#underWay.delete(attempt);
    const [earliest] = this.#underWay;
    if (earliest === undefined) return true;
    // Replies of a transaction are handled a little later than those of plain commands.
    if (this.#done.length > 0) this.#done = this.#done.filter(({ order }) => order > earliest.order);
    if (done && attempt.order > earliest.order) this.#done.push(attempt);
    return false;
  }
}
