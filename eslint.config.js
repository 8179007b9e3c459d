import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { architecture } from './tools/architecture/eslint.js';

/**
 * What the compiler does not see: promises nobody waits for, values of type any, imports that cost at run time.
 * Formatting is biome's; who imports whom, dependency-cruiser's.
 */
export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'output/', '.scratch/', '**/*.gen.ts']),
  {
    files: ['{src,test,examples,tools,bench}/**/*.ts', '*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // What was caught is thrown again, whatever it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Numbers are welcome in messages; objects and undefined are not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `noUnusedLocals` of the compiler says it already.
      '@typescript-eslint/no-unused-vars': 'off',
      // An async method without await still turns a throw into a rejection, which is what callers expect.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Programs for people talk to people.
    files: ['{examples,tools,bench}/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // Tests hand over what the types forbid, and read untyped output, to see what comes of it.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...architecture,
);
