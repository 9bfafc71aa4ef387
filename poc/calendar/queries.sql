-- my_calendar?: the address with my calls, if I have one
select id, made_at, substr(made_at, 1, 10) as made_day, substr(made_at, 12, 5) as made_clock,
    fetched_at, substr(fetched_at, 1, 10) as fetched_day, substr(fetched_at, 12, 5) as fetched_clock
from calendar where person = :me and gone = 0 and coalesce(revoked, 0) = 0
order by id desc limit 1;

-- their_calendar?: the address with this person's calls, if they have one
select id, made_at, substr(made_at, 1, 10) as made_day, substr(made_at, 12, 5) as made_clock,
    fetched_at, substr(fetched_at, 1, 10) as fetched_day, substr(fetched_at, 12, 5) as fetched_clock
from calendar where person = :person and gone = 0 and coalesce(revoked, 0) = 0
order by id desc limit 1;
