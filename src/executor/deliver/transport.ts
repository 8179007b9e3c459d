import type { Command, RawReply } from '../../command/command.js';
import type { ConnectionLoad } from './connection-load.js';

/** The connection that an attempt goes over, known by its identity. */
export interface Route {
  readonly connection: object;
  /** What is in flight over that connection, over this route or another. */
  readonly load: ConnectionLoad;
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
   *
   * @param route Where it came from.
   */
  redirect(
    command: Command<unknown>,
    error: Error,
    route: Route,
  ): { readonly again: boolean; readonly asked: string | undefined };
  /** Resolves once the other end of a connection has answered. It rejects with what the client says. */
  ping(route: Route): Promise<unknown>;
  /** Takes note that an attempt was not answered by its deadline. */
  unanswered(command: Command<unknown>, route: Route): void;
  /** The connection itself: another one after each reconnect. */
  socketOf(route: Route): object;
  /**
   * Which domain a key is in, a slot of a cluster or the one of a single server. One command may use the keys of one
   * domain; those on it arrive in the order in which they are sent over one route.
   */
  domainOf(key: string): number;
  /** Whether the client was closed for good, so that waiting is in vain. */
  isEnded(): boolean;
  /**
   * What went wrong most recently with the connection for a command, if there is none now.
   *
   * @param command Undefined for one to all servers.
   */
  lastError(command: Command<unknown> | undefined): unknown;
}
