-- AlterTable
ALTER TABLE "whatsapp_connections"
  ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "hold_until" TIMESTAMPTZ(3),
  ADD COLUMN "probes" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "probe_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "conversion_events"
  ADD COLUMN "unsent" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "uncertain" INTEGER NOT NULL DEFAULT 0;

-- DropIndex
DROP INDEX "conversion_events_due";

-- CreateIndex
-- Claims walk it from connection to connection, and take new events (no attempts) before old retries.
CREATE INDEX "conversion_events_due" ON "conversion_events"("connection_id", "attempts", "next_attempt_at") WHERE "state" = 'due';

-- CreateIndex
CREATE INDEX "conversion_events_expiring" ON "conversion_events"("deadline") WHERE "state" = 'due';

-- CreateIndex
CREATE INDEX "conversion_events_leased" ON "conversion_events"("lease_until") WHERE "state" = 'sending';
