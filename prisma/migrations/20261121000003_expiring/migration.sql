-- When statistics say that nothing is due, PostgreSQL takes any index of due events for a claim. This one holds an entry
-- for every event of the last seconds or hours, dead ones too, and a claim that walked it took seconds at 400 events a
-- second. The second condition, which only the sweep states, keeps it from every other statement.
DROP INDEX "conversion_events_expiring";
CREATE INDEX "conversion_events_expiring" ON "conversion_events"("deadline") WHERE "state" = 'due' AND "deadline" > '-infinity';
