-- What leads from an order to a conversation, and how a conversation's contacts come together.

-- CreateEnum
CREATE TYPE "identity_source" AS ENUM ('message', 'contact_request', 'shared_contact', 'changed');
CREATE TYPE "chat_link_kind" AS ENUM ('product', 'cart', 'discount', 'draft_order');
CREATE TYPE "phone_reading" AS ENUM ('given', 'absent', 'hidden', 'invalid');
CREATE TYPE "provenance" AS ENUM ('in_chat', 'chat_link', 'online_store', 'point_of_sale', 'renewal', 'other_channel', 'test', 'free');
CREATE TYPE "clue_kind" AS ENUM ('reference', 'discount_code', 'phone');
CREATE TYPE "rerun_state" AS ENUM ('comparing', 'compared', 'applying', 'applied', 'failed');

-- AlterTable
ALTER TABLE "contacts" ADD COLUMN "merged_into" UUID;
ALTER TABLE "contact_identities"
  ADD COLUMN "source" "identity_source" NOT NULL DEFAULT 'message',
  ADD COLUMN "learned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "accounts" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "orders"
  ADD COLUMN "provenance" "provenance" NOT NULL DEFAULT 'online_store',
  ADD COLUMN "customer_gid" TEXT,
  ADD COLUMN "current_total" DECIMAL(20,4),
  ADD COLUMN "outstanding" DECIMAL(20,4),
  ADD COLUMN "credits" JSONB NOT NULL DEFAULT '[]',
  ADD COLUMN "unpaid_at" TIMESTAMPTZ(3),
  ADD COLUMN "staff_link" JSONB,
  ADD COLUMN "phones" "phone_reading" NOT NULL DEFAULT 'given',
  ADD COLUMN "draft" TEXT,
  ADD COLUMN "reconsider" BOOLEAN NOT NULL DEFAULT false;
-- A sealed text cannot be compressed.
ALTER TABLE "orders" ALTER COLUMN "draft" SET STORAGE EXTERNAL;

-- CreateTable
CREATE TABLE "contact_merges" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "merged_id" UUID NOT NULL,
    "shown_by" "identity_source" NOT NULL,
    "merged_at" TIMESTAMPTZ(3) NOT NULL,
    "undone_at" TIMESTAMPTZ(3),
    "moved" JSONB NOT NULL,

    CONSTRAINT "contact_merges_pkey" PRIMARY KEY ("shop_id","id")
);
CREATE TABLE "chat_links" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "contact_id" UUID NOT NULL,
    "kind" "chat_link_kind" NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "token" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "discount_hash" BYTEA,
    "discount_code" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "opened" INTEGER NOT NULL DEFAULT 0,
    "last_opened_at" TIMESTAMPTZ(3),

    CONSTRAINT "chat_links_pkey" PRIMARY KEY ("shop_id","id")
);
CREATE TABLE "order_clues" (
    "shop_id" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "gid" TEXT NOT NULL,
    "kind" "clue_kind" NOT NULL,
    "source" TEXT NOT NULL,
    "basis" TEXT,
    "masked" TEXT,
    "barred" TEXT,
    "buyer" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_clues_pkey" PRIMARY KEY ("shop_id","hash","gid")
);
CREATE TABLE "attribution_reruns" (
    "shop_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "state" "rerun_state" NOT NULL DEFAULT 'comparing',
    "settings" JSONB NOT NULL,
    "cursor" TEXT,
    "looked_at" INTEGER NOT NULL DEFAULT 0,
    "difference" JSONB NOT NULL DEFAULT '{}',
    "started_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "attribution_reruns_pkey" PRIMARY KEY ("shop_id","id")
);

-- CreateIndex
CREATE INDEX "contacts_shop_id_last_message_at_idx" ON "contacts"("shop_id", "last_message_at");
CREATE INDEX "contact_merges_shop_id_contact_id_idx" ON "contact_merges"("shop_id", "contact_id");
CREATE INDEX "contact_merges_shop_id_merged_id_idx" ON "contact_merges"("shop_id", "merged_id");
CREATE INDEX "chat_links_shop_id_contact_id_idx" ON "chat_links"("shop_id", "contact_id");
CREATE UNIQUE INDEX "chat_links_shop_id_token_hash_key" ON "chat_links"("shop_id", "token_hash");
CREATE UNIQUE INDEX "chat_links_shop_id_discount_hash_key" ON "chat_links"("shop_id", "discount_hash");
CREATE INDEX "order_clues_shop_id_gid_idx" ON "order_clues"("shop_id", "gid");
-- Only orders that are to be decided again.
CREATE INDEX "orders_reconsider" ON "orders"("shop_id", "gid") WHERE "reconsider";

-- AddForeignKey
ALTER TABLE "contact_merges" ADD CONSTRAINT "contact_merges_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "chat_links" ADD CONSTRAINT "chat_links_shop_id_contact_id_fkey" FOREIGN KEY ("shop_id", "contact_id") REFERENCES "contacts"("shop_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "attribution_reruns" ADD CONSTRAINT "attribution_reruns_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
