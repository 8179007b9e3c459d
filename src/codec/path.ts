/** The kind of step from a container to a value in it. */
export type StepKind = 'property' | 'index' | 'key' | 'entry' | 'member';

/** The steps from the outermost value inwards: kind, key, kind, key, … */
export type Path = unknown[];

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const MAX_NAME = 64;
const MAX_STEPS = 24;

function name(key: string): string {
  if (IDENTIFIER.test(key) && key.length <= MAX_NAME) return `.${key}`;
  return `[${quote(key)}]`;
}

function quote(key: string): string {
  return JSON.stringify(key.length > MAX_NAME ? `${key.slice(0, MAX_NAME)}…` : key);
}

function step(kind: unknown, key: unknown): string {
  switch (kind as StepKind) {
    case 'property':
      return name(String(key));
    case 'index':
      return `[${String(key)}]`;
    case 'key':
      return `.keys()[${String(key)}]`;
    case 'member':
      return `.values()[${String(key)}]`;
    case 'entry':
      return typeof key === 'string' ? `.get(${quote(key)})` : `.get(…)`;
  }
}

/** Formats a path, such as `value.items[3].callback`. The middle of a very long one is left out. */
export function pathOf(path: Path, root = 'value'): string {
  const steps: string[] = [];
  for (let at = 0; at < path.length; at += 2) steps.push(step(path[at], path[at + 1]));
  if (steps.length > MAX_STEPS) steps.splice(MAX_STEPS / 2, steps.length - MAX_STEPS, '…');
  return root + steps.join('');
}
