-- The whole of Meta's side: pixels beside numbers, all events, consent, the doctor and an API of our own.

-- A connection is a WhatsApp number with its dataset, or the dataset of a pixel.
CREATE TYPE "connection_kind" AS ENUM ('whatsapp', 'pixel');
CREATE TYPE "connection_method" AS ENUM ('embedded_signup', 'own_app', 'token');
ALTER TYPE "connection_state" ADD VALUE 'lost' BEFORE 'disconnected';
ALTER TABLE "whatsapp_connections" RENAME TO "connections";
ALTER TABLE "connections" RENAME CONSTRAINT "whatsapp_connections_pkey" TO "connections_pkey";
ALTER TABLE "connections" RENAME CONSTRAINT "whatsapp_connections_shop_id_fkey" TO "connections_shop_id_fkey";
ALTER INDEX "whatsapp_connections_id_key" RENAME TO "connections_id_key";
ALTER INDEX "whatsapp_connections_shop_id_phone_number_id_key" RENAME TO "connections_shop_id_phone_number_id_key";
ALTER INDEX "whatsapp_connections_phone_number_id_idx" RENAME TO "connections_phone_number_id_idx";
ALTER TABLE "connections"
  ADD COLUMN "kind" "connection_kind" NOT NULL DEFAULT 'whatsapp',
  ADD COLUMN "method" "connection_method" NOT NULL DEFAULT 'token',
  ADD COLUMN "token_expires_at" TIMESTAMPTZ(3),
  ADD COLUMN "coexistence" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "quality" TEXT,
  ADD COLUMN "last_webhook_at" TIMESTAMPTZ(3),
  ADD COLUMN "parked_events" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "token_app_id" TEXT,
  ADD COLUMN "number_digits" TEXT,
  ALTER COLUMN "waba_id" DROP NOT NULL,
  ALTER COLUMN "phone_number_id" DROP NOT NULL,
  ALTER COLUMN "display_number" DROP NOT NULL;
UPDATE "connections" SET "method" = 'own_app' WHERE "app_secret" IS NOT NULL;
UPDATE "connections" SET "number_digits" = regexp_replace("display_number", '\D', '', 'g');
ALTER TABLE "connections" ADD CONSTRAINT "connections_kind_check" CHECK (
  num_nonnulls("waba_id", "phone_number_id", "display_number") = CASE "kind" WHEN 'whatsapp' THEN 3 ELSE 0 END);
CREATE INDEX "connections_waba_id_idx" ON "connections"("waba_id");
CREATE INDEX "connections_number_digits_idx" ON "connections"("number_digits");

-- When Shopify was last heard of, which the inbox is too large to be asked for.
ALTER TABLE "shops" ADD COLUMN "last_delivery_at" TIMESTAMPTZ(3);
UPDATE "shops" s SET "last_delivery_at" = d."at"
  FROM (SELECT "account", max("received_at") AS "at" FROM "deliveries" WHERE "source" = 'shopify' GROUP BY 1) d
  WHERE d."account" = s."domain";
CREATE INDEX "orders_found" ON "orders"("shop_id", "paid_at") WHERE "paid_told_by" = 'order_list';

-- Renewals have a channel like every other kind of order.
UPDATE "shops" SET "settings" = "settings" - 'reportRenewals' || '{"channelRenewal": "business_messaging"}'
  WHERE "settings" @> '{"reportRenewals": true}';

CREATE TYPE "event_source" AS ENUM ('order', 'click', 'rule', 'chat_link', 'cart', 'checkout', 'api');
ALTER TABLE "conversion_events"
  ADD COLUMN "source" "event_source" NOT NULL DEFAULT 'order',
  ADD COLUMN "referral_id" UUID;
UPDATE "conversion_events" e SET "referral_id" = o."referral_id"
  FROM "orders" o WHERE o."shop_id" = e."shop_id" AND o."gid" = e."subject";
CREATE INDEX "conversion_events_shop_id_referral_id_idx" ON "conversion_events"("shop_id", "referral_id");
CREATE INDEX "conversion_events_parked" ON "conversion_events"("connection_id", "event_name")
  WHERE "payload" <> '' AND (("state" = 'withheld' AND "reason" = 'event_name_parked')
    OR ("state" = 'refused' AND "reason" = 'refused_event_name'));

CREATE TYPE "order_consent" AS ENUM ('granted', 'denied');
ALTER TABLE "orders"
  ADD COLUMN "consent" "order_consent",
  ADD COLUMN "country" TEXT,
  ADD COLUMN "state" TEXT,
  ADD COLUMN "parcels" JSONB NOT NULL DEFAULT '[]',
  ADD COLUMN "shipped_at" TIMESTAMPTZ(3),
  ADD COLUMN "delivered_at" TIMESTAMPTZ(3),
  ADD COLUMN "returned_at" TIMESTAMPTZ(3);

ALTER TABLE "contacts" ADD COLUMN "answered_at" TIMESTAMPTZ(3);
ALTER TABLE "referrals"
  ADD COLUMN "click_hash" BYTEA,
  ADD COLUMN "messages_since" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "referrals_shop_id_click_hash_idx" ON "referrals"("shop_id", "click_hash");
-- Workers make the hashes of clicks from before, until none is left.
CREATE INDEX "referrals_unhashed" ON "referrals"("shop_id", "id")
  WHERE "click_id" IS NOT NULL AND "click_hash" IS NULL;
ALTER TABLE "chat_links"
  ADD COLUMN "untold_opening_at" TIMESTAMPTZ(3),
  ADD COLUMN "opening_attempts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "opening_due_at" TIMESTAMPTZ(3);
CREATE INDEX "chat_links_untold" ON "chat_links"("untold_opening_at") WHERE "untold_opening_at" IS NOT NULL;

CREATE TABLE "automatic_events" (
    "shop_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "event_name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "click_hash" BYTEA NOT NULL,
    "value" DECIMAL(20,4),
    "currency" TEXT,
    "order_gid" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "automatic_events_pkey" PRIMARY KEY ("shop_id","key")
);
CREATE INDEX "automatic_events_shop_id_click_hash_idx" ON "automatic_events"("shop_id", "click_hash");

CREATE TABLE "checkouts" (
    "shop_id" INTEGER NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "contact_id" UUID,
    "draft" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "begin_due_at" TIMESTAMPTZ(3),
    "leave_due_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "checkouts_pkey" PRIMARY KEY ("shop_id","token_hash")
);
ALTER TABLE "checkouts" ALTER COLUMN "draft" SET STORAGE EXTERNAL;
CREATE INDEX "checkouts_shop_id_contact_id_idx" ON "checkouts"("shop_id", "contact_id");
CREATE INDEX "checkouts_begin_due" ON "checkouts"("begin_due_at") WHERE "begin_due_at" IS NOT NULL;
CREATE INDEX "checkouts_leave_due" ON "checkouts"("leave_due_at") WHERE "leave_due_at" IS NOT NULL;

CREATE TABLE "api_keys" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("shop_id","id")
);
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

CREATE TABLE "api_requests" (
    "shop_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_requests_pkey" PRIMARY KEY ("shop_id","key")
);
CREATE INDEX "api_requests_created_at_idx" ON "api_requests"("created_at");

CREATE TYPE "check_result" AS ENUM ('ok', 'warning', 'failed', 'unknown');
CREATE TABLE "checks" (
    "shop_id" INTEGER NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "result" "check_result" NOT NULL,
    "detail" TEXT NOT NULL,
    "fix" TEXT,
    "known" "check_result",
    "since" TIMESTAMPTZ(3) NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "checks_pkey" PRIMARY KEY ("shop_id","subject","name")
);
CREATE TABLE "alerts" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "fix" TEXT,
    "raised_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "dismissed_at" TIMESTAMPTZ(3),
    "mailed_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("shop_id","id")
);
-- One alert at a time for each subject and name.
CREATE UNIQUE INDEX "alerts_open" ON "alerts"("shop_id", "subject", "name") WHERE "cleared_at" IS NULL;
CREATE INDEX "alerts_unmailed" ON "alerts"("shop_id")
  WHERE "mailed_at" IS NULL AND "cleared_at" IS NULL AND "dismissed_at" IS NULL;

CREATE TABLE "customer_consents" (
    "shop_id" INTEGER NOT NULL,
    "customer_gid" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "answered_at" TIMESTAMPTZ(3),
    "sale_opt_out" BOOLEAN,

    CONSTRAINT "customer_consents_pkey" PRIMARY KEY ("shop_id","customer_gid")
);
CREATE INDEX "customer_consents_open" ON "customer_consents"("asked_at") WHERE "answered_at" IS NULL;

ALTER TABLE "automatic_events" ADD CONSTRAINT "automatic_events_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "checkouts" ADD CONSTRAINT "checkouts_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "api_requests" ADD CONSTRAINT "api_requests_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "checks" ADD CONSTRAINT "checks_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "customer_consents" ADD CONSTRAINT "customer_consents_shop_id_fkey"
  FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Carts, checkouts and fulfilments are many too, and not about the shop itself.
DROP INDEX "deliveries_lifecycle_due";
CREATE INDEX "deliveries_lifecycle_due" ON "deliveries"("id")
  WHERE "state" = 'due' AND "topic" !~ '^(orders|refunds|carts|checkouts|fulfillments)/';
CREATE INDEX "deliveries_orders_due" ON "deliveries"("id")
  WHERE "state" = 'due' AND "topic" ~ '^(orders|refunds|fulfillments)/';
CREATE INDEX "deliveries_browsing_due" ON "deliveries"("id")
  WHERE "state" = 'due' AND "topic" ~ '^(carts|checkouts)/';
