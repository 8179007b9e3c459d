// @ts-check

/**
 * The layers of src, lowest first. A folder may import from lower layers and from itself; two folders of one layer do
 * not import each other. Folders that are not here do not belong in src.
 *
 * @type {readonly (readonly string[])[]}
 */
export const LAYERS = [
  ['brands.ts'],
  ['cause.ts'],
  ['errors.ts', 'timers.ts', 'inspect.ts', 'expect.ts', 'fixed.ts', 'linked-list.ts', 'load-once.ts'],
  ['graph'],
  ['codec', 'keys'],
  ['command'],
  ['executor'],
  ['sync'],
  ['collections'],
  ['watch'],
  ['near'],
  ['namespace'],
  ['store'],
  ['pipeline'],
];

/**
 * The files and folders beside the layers, with all that they may import. Nothing but index.ts imports connect.ts.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const BESIDE = {
  testing: ['brands.ts', 'errors.ts'],
  'connect.ts': ['brands.ts', 'errors.ts', 'keys', 'executor', 'testing'],
  'index.ts': [...LAYERS.flat(), 'connect.ts'],
};

/**
 * The layers that a layer may import beside itself: names of folders and files of src.
 *
 * @param {string} layer
 * @returns {readonly string[]}
 */
export function lowerThan(layer) {
  const rank = LAYERS.findIndex((names) => names.includes(layer));
  return rank >= 0 ? LAYERS.slice(0, rank).flat() : (BESIDE[layer] ?? []);
}

/** Every folder of src, and every file directly in it. */
export const ROOMS = [...LAYERS.flat(), ...Object.keys(BESIDE)];

/**
 * Matches the files of rooms.
 *
 * @param {readonly string[]} rooms
 */
export function filesOf(rooms) {
  const files = rooms.map((room) => (room.endsWith('.ts') ? `${room.replace('.', '\\.')}$` : `${room}/`));
  return `^src/(${files.join('|')})`;
}
