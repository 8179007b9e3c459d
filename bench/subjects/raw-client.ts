/** Commands of any client, so that a case is written once for all clients. Replies are not checked. */
export interface RawClient {
  hget(key: string, field: string): Promise<unknown>;
  hgetBuffer(key: string, field: string): Promise<Buffer | null>;
  hset(key: string, field: string, value: string | Buffer): Promise<unknown>;
  hmget(key: string, fields: readonly string[]): Promise<unknown>;
  /** HGETALL: fields with their values as text. */
  entries(key: string): Promise<Iterable<readonly [string, string]>>;
  /** One HSET of field, value, … */
  hsetMany(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown>;
  /** An HGET for each field in one pipeline made by hand. */
  pipelineHget(key: string, fields: readonly string[]): Promise<unknown>;
  pipelineHset(key: string, pairs: readonly (string | Buffer)[]): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer): Promise<unknown>;
  rpush(key: string, value: string): Promise<unknown>;
  /** XADD with the field `v`. */
  xadd(key: string, value: string): Promise<unknown>;
  lpop(key: string): Promise<unknown>;
  hincrby(key: string, field: string, by: number): Promise<unknown>;
  sismember(key: string, member: string): Promise<unknown>;
  /** The next cursor, and field, value, … as Buffers. */
  hscan(key: string, cursor: string, count: number): Promise<readonly [string, readonly Buffer[]]>;
  del(key: string): Promise<unknown>;
  ping(): Promise<unknown>;
}
