/**
 * The client that this library needs: `Redis` and `Cluster` of ioredis 5 and 6 and of ioredis-mock all match, though
 * their own types are not assignable to each other.
 */
export interface RedisClient {
  readonly options?: object;
  on(event: 'ready', listener: () => void): unknown;
  multi(...commands: never[]): unknown;
  duplicate(...options: never[]): unknown;
  hgetBuffer(...args: never[]): Promise<Buffer | null>;
}
