-- A sealed body cannot be compressed, and trying to would cost more than the rest of the insert.
ALTER TABLE "deliveries" ALTER COLUMN "body" SET STORAGE EXTERNAL;
ALTER TABLE "conversion_events" ALTER COLUMN "payload" SET STORAGE EXTERNAL;

-- Read once a day, written with every delivery: a summary of ranges is enough.
DROP INDEX "deliveries_received_at_idx";
CREATE INDEX "deliveries_received_at_idx" ON "deliveries" USING BRIN ("received_at");

-- A claim takes the oldest rows that are due, so it reads them in their order and stops. Those about the shop itself
-- are few among many orders and have an index of their own.
DROP INDEX "deliveries_due";
CREATE INDEX "deliveries_due" ON "deliveries"("source", "id") WHERE "state" = 'due';
CREATE INDEX "deliveries_lifecycle_due" ON "deliveries"("id")
  WHERE "state" = 'due' AND "topic" NOT LIKE 'orders/%' AND "topic" NOT LIKE 'refunds/%';
