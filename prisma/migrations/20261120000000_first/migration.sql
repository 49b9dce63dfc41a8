-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "connection_state" AS ENUM ('active', 'paused', 'disconnected');

-- CreateEnum
CREATE TYPE "delivery_source" AS ENUM ('shopify', 'whatsapp');

-- CreateEnum
CREATE TYPE "delivery_state" AS ENUM ('due', 'done', 'flagged', 'dead');

-- CreateEnum
CREATE TYPE "identity_kind" AS ENUM ('phone', 'user_id');

-- CreateEnum
CREATE TYPE "order_decision" AS ENUM ('pending', 'report', 'withheld', 'not_attributed');

-- CreateEnum
CREATE TYPE "event_state" AS ENUM ('due', 'sending', 'accepted', 'refused', 'unknown', 'withheld', 'expired');

-- CreateTable
CREATE TABLE "shops" (
    "id" SERIAL NOT NULL,
    "domain" TEXT NOT NULL,
    "gid" TEXT,
    "name" TEXT,
    "currency" TEXT,
    "country" TEXT,
    "timezone" TEXT,
    "plan" TEXT,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "installed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uninstalled_at" TIMESTAMPTZ(3),

    CONSTRAINT "shops_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "is_online" BOOLEAN NOT NULL,
    "scope" TEXT,
    "expires" TIMESTAMPTZ(3),
    "access_token" TEXT,
    "refresh_token" TEXT,
    "refresh_token_expires" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "whatsapp_connections" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "waba_id" TEXT NOT NULL,
    "phone_number_id" TEXT NOT NULL,
    "display_number" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "app_secret" TEXT,
    "verify_token" TEXT,
    "state" "connection_state" NOT NULL DEFAULT 'active',
    "state_reason" TEXT,
    "state_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "whatsapp_connections_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" BIGSERIAL NOT NULL,
    "source" "delivery_source" NOT NULL,
    "account" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "event_id" TEXT,
    "triggered_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "body" TEXT,
    "state" "delivery_state" NOT NULL DEFAULT 'due',
    "reason" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contacts" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "masked_phone" TEXT,
    "first_message_at" TIMESTAMPTZ(3) NOT NULL,
    "last_message_at" TIMESTAMPTZ(3) NOT NULL,
    "messages" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "contact_identities" (
    "shop_id" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "kind" "identity_kind" NOT NULL,
    "contact_id" UUID NOT NULL,

    CONSTRAINT "contact_identities_pkey" PRIMARY KEY ("shop_id","hash")
);

-- CreateTable
CREATE TABLE "referrals" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "message_key" TEXT NOT NULL,
    "clicked_at" TIMESTAMPTZ(3) NOT NULL,
    "source_type" TEXT,
    "source_id" TEXT,
    "source_url" TEXT,
    "headline" TEXT,
    "media_type" TEXT,
    "click_id" TEXT,
    "raw" TEXT NOT NULL,

    CONSTRAINT "referrals_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "orders" (
    "shop_id" INTEGER NOT NULL,
    "gid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "source_name" TEXT,
    "financial_status" TEXT,
    "test" BOOLEAN NOT NULL DEFAULT false,
    "currency" TEXT NOT NULL,
    "total" DECIMAL(20,4) NOT NULL,
    "presentment_currency" TEXT NOT NULL,
    "presentment_total" DECIMAL(20,4) NOT NULL,
    "paid_total" DECIMAL(20,4),
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "paid_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),
    "shopify_updated_at" TIMESTAMPTZ(3) NOT NULL,
    "decision" "order_decision" NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "contact_id" UUID,
    "referral_id" UUID,
    "evidence" JSONB NOT NULL DEFAULT '[]',
    "model" TEXT,
    "window_days" INTEGER,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "orders_pkey" PRIMARY KEY ("shop_id","gid")
);

-- CreateTable
CREATE TABLE "conversion_events" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "event_name" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "event_time" TIMESTAMPTZ(3) NOT NULL,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "value" DECIMAL(20,4),
    "currency" TEXT,
    "state" "event_state" NOT NULL DEFAULT 'due',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3),
    "payload" TEXT NOT NULL,
    "reason" TEXT,
    "http_status" INTEGER,
    "error_code" TEXT,
    "answer" TEXT,
    "fbtrace_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "conversion_events_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateTable
CREATE TABLE "installation_secrets" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "installation_secrets_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "worker_beats" (
    "worker" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "worker_beats_pkey" PRIMARY KEY ("worker")
);

-- CreateIndex
CREATE UNIQUE INDEX "shops_domain_key" ON "shops"("domain");

-- CreateIndex
CREATE INDEX "sessions_shop_idx" ON "sessions"("shop");

-- CreateIndex
CREATE INDEX "whatsapp_connections_phone_number_id_idx" ON "whatsapp_connections"("phone_number_id");

-- CreateIndex
CREATE UNIQUE INDEX "whatsapp_connections_shop_id_phone_number_id_key" ON "whatsapp_connections"("shop_id", "phone_number_id");

-- CreateIndex
CREATE UNIQUE INDEX "whatsapp_connections_id_key" ON "whatsapp_connections"("id");

-- CreateIndex
-- Only what still waits is in the index: its size follows the backlog, not the history.
CREATE INDEX "deliveries_due" ON "deliveries"("source", "next_attempt_at") WHERE "state" = 'due';

-- CreateIndex
CREATE INDEX "deliveries_received_at_idx" ON "deliveries"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_account_source_key_key" ON "deliveries"("account", "source", "key");

-- CreateIndex
CREATE INDEX "contact_identities_shop_id_contact_id_idx" ON "contact_identities"("shop_id", "contact_id");

-- CreateIndex
CREATE INDEX "referrals_shop_id_contact_id_clicked_at_idx" ON "referrals"("shop_id", "contact_id", "clicked_at");

-- CreateIndex
CREATE UNIQUE INDEX "referrals_shop_id_message_key_key" ON "referrals"("shop_id", "message_key");

-- CreateIndex
CREATE INDEX "orders_shop_id_placed_at_idx" ON "orders"("shop_id", "placed_at");

-- CreateIndex
CREATE INDEX "orders_shop_id_contact_id_idx" ON "orders"("shop_id", "contact_id");

-- CreateIndex
CREATE INDEX "conversion_events_due" ON "conversion_events"("state", "next_attempt_at") WHERE "state" IN ('due', 'sending');

-- CreateIndex
CREATE INDEX "conversion_events_shop_id_created_at_idx" ON "conversion_events"("shop_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "conversion_events_shop_id_subject_event_name_key" ON "conversion_events"("shop_id", "subject", "event_name");

-- CreateIndex
CREATE UNIQUE INDEX "conversion_events_id_key" ON "conversion_events"("id");

-- AddForeignKey
ALTER TABLE "whatsapp_connections" ADD CONSTRAINT "whatsapp_connections_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_identities" ADD CONSTRAINT "contact_identities_shop_id_contact_id_fkey" FOREIGN KEY ("shop_id", "contact_id") REFERENCES "contacts"("shop_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_shop_id_contact_id_fkey" FOREIGN KEY ("shop_id", "contact_id") REFERENCES "contacts"("shop_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_shop_id_contact_id_fkey" FOREIGN KEY ("shop_id", "contact_id") REFERENCES "contacts"("shop_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A decision against reporting always says why, and no other decision does.
ALTER TABLE "orders" ADD CONSTRAINT "orders_reason_explains_decision"
  CHECK (("decision" IN ('withheld', 'not_attributed')) = ("reason" IS NOT NULL));
