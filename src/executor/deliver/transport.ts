import type { Command, RawReply } from '../../command/command.js';
import type { ConnectionLoad } from './connection-load.js';

/** The connection of an attempt, known by its identity. */
export interface Route {
  readonly connection: object;
  /** The commands in flight over that connection, by this route or another. */
  readonly load: ConnectionLoad;
}

/** The wire as the delivery sees it: makes single attempts, and says whether one can be made. */
export interface Transport {
  /**
   * Returns the route of an attempt, if it can be written to a live connection at once; otherwise undefined, and begins
   * to connect.
   *
   * @param asked The address that a redirection named for this one attempt.
   */
  routeOf(command: Command<unknown>, asked: string | undefined): Route | undefined;
  /** Makes one attempt. It rejects with the error of the client. */
  send(command: Command<unknown>, route: Route): Promise<RawReply>;
  /**
   * Handles a reply that says the command was not run here. Returns whether it can be sent again at once, and the
   * address to ask if that is for this one attempt only.
   *
   * @param route The route of the reply.
   */
  redirect(
    command: Command<unknown>,
    error: Error,
    route: Route,
  ): { readonly again: boolean; readonly asked: string | undefined };
  /** Resolves once the other end of a connection has replied. It rejects with the error of the client. */
  ping(route: Route): Promise<unknown>;
  /** Notes that an attempt got no reply by its deadline. */
  unanswered(command: Command<unknown>, route: Route): void;
  /** Returns the connection itself: another one after each reconnect. */
  socketOf(route: Route): object;
  /**
   * Returns the domain of a key: its slot in a cluster, or the only one of a single server. One command may use the
   * keys of one domain; commands of a domain arrive in the order in which they are sent over one route.
   */
  domainOf(key: string): number;
  /** Returns whether the client was closed for good, so that waiting is useless. */
  isEnded(): boolean;
  /**
   * Returns the last error of the connection for a command, if there is none now.
   *
   * @param command Undefined for one to all servers.
   */
  lastError(command: Command<unknown> | undefined): unknown;
}
