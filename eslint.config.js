import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Imports go one way: routes -> pages | pipeline -> domain; pipeline -> platforms, storage. Each room lists the rooms
// it may not know.
const ROOMS = {
  domain: ['storage', 'platforms', 'pipeline', 'pages', 'routes', 'operator'],
  storage: ['platforms', 'pipeline', 'pages', 'routes', 'operator'],
  platforms: ['storage', 'pipeline', 'pages', 'routes', 'operator'],
  pipeline: ['pages', 'routes', 'operator'],
  pages: ['platforms', 'routes', 'operator'],
  routes: ['storage', 'platforms', 'operator'],
  operator: ['routes'],
};

const oneWay = Object.entries(ROOMS).map(([room, forbidden]) => ({
  files: [`app/${room}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
            message: `${room}/ does not import from ${forbidden.join('/, ')}/.`,
          },
          { regex: '/tests/', message: 'The app knows nothing of its tests.' },
          ...(room === 'domain'
            ? [
                {
                  regex: '^(node:(?!crypto)|\\.\\./|@prisma|@shopify|@remix-run|express|pg|pino)',
                  message: 'domain/ decides over plain data and imports nothing of ours.',
                },
              ]
            : []),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['build/', 'prisma/generated/', '.data/', 'extensions/*/dist/'] },
  js.configs.recommended,
  tseslint.configs.strict,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 320, skipComments: false }],
    },
  },
  {
    files: ['app/operator/**', 'tests/sandbox/**', 'tests/bench/**', '**/*.mjs'],
    rules: { 'no-console': 'off' },
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly' },
    },
  },
  {
    files: ['app/services.ts', 'tests/integration/postgres.ts'],
    rules: { '@typescript-eslint/consistent-type-definitions': 'off' },
  },
  // A declaration names what somebody else defines.
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
  ...oneWay,
);
