import { describeType } from './value-type.js';
import { byText } from './order.js';
import type { GraphParts, Wiring } from './wiring.js';
import { resultsOf } from './hash.js';

/** Escapes text for a Mermaid label: special characters become character codes. */
function label(text: string): string {
  return text.replaceAll(/["#&<>`\\\p{Cc}]/gu, (character) => `#${character.codePointAt(0)};`);
}

/**
 * Draws the graph as a Mermaid flowchart: inputs rounded, nodes with their op, results in circles. A condition is a
 * dotted arrow. Values that are not named as their node label the arrows.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaid(parts: GraphParts, { names, nodes, makers }: Wiring): string {
  const { inputs } = parts;
  const lines = ['flowchart LR'];
  const sources = new Map<string, string>();
  for (const [number, name] of [...inputs.keys()].sort(byText).entries()) {
    const type = inputs.get(name);
    sources.set(name, `i${number}`);
    lines.push(`  i${number}(["${label(name)}<br/>${type === undefined ? '' : describeType(type)}"])`);
  }
  for (const [number, name] of names.entries()) {
    const { op, owner } = nodes[number] as (typeof nodes)[number];
    const title = name === op ? label(name) : `${label(name)}<br/>${label(op)}`;
    lines.push(`  n${number}["${title}${owner === undefined ? '' : `<br/>of ${label(owner)}`}"]`);
  }
  const arrow = (value: string, target: string, line: '-->' | '-.->', title = true): void => {
    const maker = makers.get(value);
    let source = maker === undefined ? sources.get(value) : `n${maker}`;
    if (source === undefined) {
      source = `m${sources.size}`;
      sources.set(value, source);
      lines.push(`  ${source}["${label(value)}<br/>missing"]`);
    }
    const named = title && maker !== undefined && names[maker] !== value;
    lines.push(`  ${source} ${named ? `${line}|"${label(value)}"|` : line} ${target}`);
  };
  for (const [number, { inputs: taken, condition }] of nodes.entries()) {
    for (const value of taken) arrow(value, `n${number}`, '-->');
    if (condition !== undefined) arrow(condition, `n${number}`, '-.->');
  }
  for (const [number, name] of resultsOf(parts).entries()) {
    lines.push(`  r${number}(("${label(name)}"))`);
    arrow(name, `r${number}`, '-->', false);
  }
  return `${lines.join('\n')}\n`;
}
