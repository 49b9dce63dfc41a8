import { defineConfig } from 'prisma/config';

// No datasource url on purpose: the app hands its own connection to a driver adapter, and migrations are applied
// by app/storage/migrate.ts. Prisma's CLI is used for `prisma generate` only.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
