-- When the settings of a shop that fell back to the FREE plan become those of that plan.
ALTER TABLE shops ADD COLUMN shortened_at TIMESTAMP;
