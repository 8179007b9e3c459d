/** The slots of a cluster. */
const SLOTS = 16_384;

const HIGHEST_PORT = 65_535;

/** The content of MOVED and ASK: the node that serves a slot, or that has the key. */
export interface Redirection {
  readonly kind: 'MOVED' | 'ASK';
  readonly slot: number;
  /** Empty for the host that was asked. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads a redirection, `MOVED 3999 127.0.0.1:6381` or `ASK 3999 :6381`; undefined for one without a valid address.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#moved-redirection
 */
export function readRedirection(message: string): Redirection | undefined {
  const words = /^(MOVED|ASK) (\d{1,5}) ([\w.:%[\]-]*):(\d{1,5})$/.exec(message);
  if (words === null) return undefined;
  const [, kind, slot, host = '', port] = words;
  const redirection: Redirection = {
    kind: kind as 'MOVED' | 'ASK',
    slot: Number(slot),
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
  };
  const isAddress = redirection.port > 0 && redirection.port <= HIGHEST_PORT && redirection.slot < SLOTS;
  return isAddress ? redirection : undefined;
}
