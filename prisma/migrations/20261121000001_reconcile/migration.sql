-- CreateEnum
CREATE TYPE "payment_source" AS ENUM ('orders_paid', 'order_list');

-- AlterTable
ALTER TABLE "orders" ADD COLUMN "paid_told_by" "payment_source";

-- Until now only orders/paid made an order paid.
UPDATE "orders" SET "paid_told_by" = 'orders_paid' WHERE "paid_at" IS NOT NULL;

-- CreateTable
CREATE TABLE "reconciliations" (
    "shop_id" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "cursor" TIMESTAMPTZ(3) NOT NULL,
    "ran_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reconciliations_pkey" PRIMARY KEY ("shop_id")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- AddForeignKey
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_shop_id_fkey" FOREIGN KEY ("shop_id") REFERENCES "shops"("id") ON DELETE CASCADE ON UPDATE CASCADE;
