// @ts-check

/** Stands for a substitution in a template, or for an operand of + that is not a literal. */
const HOLE = '\u0000';
/** Stands for a substitution that is a port: `${host}:${port}` is an address. */
const PORT = '\u0001';
const HASH_TAG = new RegExp(`\\{${HOLE}[^{}]*\\}|\\{[^{}\\s]*${HOLE}\\}`);

/**
 * Keys are built in src/keys only. No check of texts can prove that; this one catches how a key gets built when
 * somebody forgets:
 *
 * - a hash tag: braces directly around something computed, `{${key}}:index`, or `'{' + key + '}'`;
 * - a colon, without space, between or beside computed parts, as in `${key}:index`, `meta:${id}` or `key + ':index'`;
 * - a `join(':')`.
 *
 * It lets pass: prose (a colon that ends a word of a longer text), addresses (`${host}:${port}`, anything with ://),
 * and names of diagnostics channels (they begin with `redimap:`). Keys put together of parts in several statements,
 * or from constants, go unnoticed; so would a key given as one literal text, which has no process in it.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const keysRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      hashTag: 'This builds a hash tag ({{text}}): only src/keys builds keys.',
      key: 'This builds what looks like a key ({{text}}): only src/keys builds keys.',
      join: "This joins with ':' what looks like a key: only src/keys builds keys.",
    },
  },
  create(context) {
    const { sourceCode } = context;

    /** @param {import('estree').Node} expression */
    function hole(expression) {
      return /port\)?$/i.test(sourceCode.getText(expression)) ? PORT : HOLE;
    }

    /**
     * A template, or a chain of +, as text with a mark for what is computed.
     *
     * @param {import('estree').Node} node
     * @returns {string}
     */
    function textOf(node) {
      if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
      if (isPlus(node)) return textOf(node.left) + textOf(node.right);
      if (node.type !== 'TemplateLiteral') return hole(node);
      return node.quasis
        .map(({ value }, i) => (value.cooked ?? value.raw) + (i < node.expressions.length ? hole(at(node, i)) : ''))
        .join('');
    }

    /** @param {import('estree').Node} node */
    function check(node) {
      const text = textOf(node);
      // Numbers are added too.
      if (text.replaceAll(HOLE, '').replaceAll(PORT, '') === '') return;
      const shown = JSON.stringify(text.replaceAll(HOLE, '${…}').replaceAll(PORT, '${port}'));
      if (HASH_TAG.test(text)) context.report({ node, messageId: 'hashTag', data: { text: shown } });
      else if (looksLikeKey(text)) context.report({ node, messageId: 'key', data: { text: shown } });
    }

    return {
      TemplateLiteral(node) {
        if (node.expressions.length > 0) check(node);
      },
      BinaryExpression(node) {
        if (isPlus(node) && !isPlus(node.parent)) check(node);
      },
      "CallExpression[callee.property.name='join'] > Literal.arguments[value=':']"(
        /** @type {import('estree').Node} */ node,
      ) {
        context.report({ node, messageId: 'join' });
      },
    };
  },
};

/**
 * @param {import('estree').TemplateLiteral} template
 * @param {number} i
 */
function at(template, i) {
  return /** @type {import('estree').Expression} */ (template.expressions[i]);
}

/**
 * @param {import('estree').Node} node
 * @returns {node is import('estree').BinaryExpression}
 */
function isPlus(node) {
  return node.type === 'BinaryExpression' && node.operator === '+';
}

/** @param {string} text */
function looksLikeKey(text) {
  const words = text.split(/[\s"'`()[\],]+/).filter((word) => word !== '');
  return words.some((word) => {
    if (word.includes('://') || word.startsWith('redimap:')) return false;
    // "… failed for ${name}:" is prose; "${name}:" alone is a prefix.
    const body = words.length > 1 ? word.replace(/:+$/, '') : word;
    return body.includes(`${HOLE}:`) ? body.replaceAll(`${HOLE}:${PORT}`, '').includes(':') : body.includes(`:${HOLE}`);
  });
}
