/**
 * What this library needs of a client: `Redis` and `Cluster` of ioredis 5 and 6 and of ioredis-mock all have it,
 * though their own types cannot be assigned to each other.
 */
export interface RedisClient {
  readonly options?: object;
  on(event: 'ready', listener: () => void): unknown;
  multi(...commands: never[]): unknown;
  duplicate(...options: never[]): unknown;
  hgetBuffer(...args: never[]): Promise<Buffer | null>;
}
