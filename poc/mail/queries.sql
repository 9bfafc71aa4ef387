-- letters*: what went out beside the app about the calls in force, soonest call first
select standing_letter.*, person.name, person.position,
    substr(standing_letter.made_at, 12, 5) as made_clock,
    substr(standing_letter.sent_at, 12, 5) as sent_clock,
    substr(standing_letter.opened_at, 12, 5) as opened_clock,
    substr(standing_letter.stopped_at, 12, 5) as stopped_clock,
    case when standing_letter.known = 1 then 'known' when bounced_at is not null then 'bounced'
        when failed is not null then 'failed' when opened_at is not null then 'opened'
        when sent_at is not null then 'sent' when delay is not null then 'delayed'
        else 'queued' end as state
from standing_letter
join person on person.id = standing_letter.person and person.gone = 0
where standing_letter.shoot_day = :day and standing_letter.channel <> 'phone'
order by standing_letter.known,
    coalesce(standing_letter.call, standing_letter.was_call, ''), person.name nulls last,
    standing_letter.id;

-- ringing*: whom nothing has reached and who is to be rung, soonest call first
select standing_letter.id, standing_letter.person, standing_letter.sheet,
    standing_letter.department, standing_letter.call, standing_letter.was_call, person.name,
    person.position, person.phone, notice.title, notice.body,
    case when standing_letter.was_call > standing_letter.call then 1 else 0 end as earlier
from standing_letter
join person on person.id = standing_letter.person and person.gone = 0
left join notice on notice.id = standing_letter.notice and notice.gone = 0
where standing_letter.shoot_day = :day and standing_letter.channel = 'phone' and standing_letter.known = 0
order by coalesce(standing_letter.call, standing_letter.was_call, ''), person.name nulls last,
    standing_letter.id;
