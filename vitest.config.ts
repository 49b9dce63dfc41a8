import { defineConfig } from 'vitest/config';

// `environment: node` throughout: Shopify's library refuses to do server work where a `window` exists.
export default defineConfig({
  test: {
    reporters: ['default', './tests/closing-line.ts'],
    // Once for all projects: two set-ups would load Prisma's schema engine twice into one process, which breaks it.
    globalSetup: './tests/integration/postgres.ts',
    // By default vitest leaves one of two cores idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['tests/unit/**/*.test.ts', 'tests/property/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['tests/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'faults',
          environment: 'node',
          include: ['tests/faults/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
