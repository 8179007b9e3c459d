import type { Command, RawReply } from '../command/command.js';

/** The connection that an attempt goes over, known by its identity. */
export interface Route {
  readonly connection: object;
}

/** The wire as the delivery of commands sees it: one attempt at a time, and whether one can be made. */
export interface Transport {
  /**
   * Where an attempt made now would go, if it is written to a live connection at once; undefined where not, and then
   * it sees to getting one.
   *
   * @param asked The address that a redirection named for this one attempt.
   */
  routeOf(command: Command<unknown>, asked: string | undefined): Route | undefined;
  /** One attempt. It rejects with what the client says. */
  send(command: Command<unknown>, route: Route): Promise<RawReply>;
  /**
   * Takes note of a reply that says the command was not run here. Returns whether it can be sent again at once, and
   * the address to ask if that holds for this one attempt only.
   */
  redirect(command: Command<unknown>, error: Error): { readonly again: boolean; readonly asked: string | undefined };
  /** Takes note that an attempt was not answered by its deadline. */
  unanswered(command: Command<unknown>, route: Route): void;
  /** The connection itself: another one after each reconnect. */
  socketOf(route: Route): object;
  /** Commands of one domain arrive in the order in which they are sent over one route. */
  domainOf(command: Command<unknown>): number;
  /** Whether the client was closed for good, so that waiting is in vain. */
  isEnded(): boolean;
  /** What went wrong with the connection most recently. */
  lastError(): unknown;
}
