-- call?: my next call, and the sheet it stands on
select called.*, publication.colour, publication.revision, publication.local_time,
    publication.rows, publication.note as publication_note
from called
join publication on publication.id = called.publication
where called.id = (
    select next.id from called next
    join publication sheet on sheet.id = next.publication and sheet.superseded = 0
    where next.person = :me and next.gone = 0 and next.date >= :today
        and (next.call is not null or next.changed = 1)
    order by case when next.date = :today and next.wrap < :now then 1 else 0 end,
        next.date, next.call nulls last, next.id limit 1);

-- later_calls*: my calls after that
select called.id, called.date, called.call, called.pickup, called.pickup_place, called.place,
    called.publication, called.shoot_day, called.since, called.was_call, called.changed,
    publication.colour
from called
join publication on publication.id = called.publication and publication.superseded = 0
where called.person = :me and called.gone = 0 and called.date >= :today
    and (called.call is not null or called.changed = 1)
    and (called.date > :today or called.wrap is null or called.wrap >= :now)
order by called.date, called.call nulls last, called.id limit 7;

-- receipts*: what I saw and confirmed
select publication, state, at, substr(at, 12, 5) as clock, how from receipt
where person = :me and gone = 0 order by at nulls last, id;

-- published*: the call sheets in force, from today on
select publication.id, publication.date, publication.colour, publication.revision,
    publication.local_time, publication.shoot_day, called.call, called.changed
from publication
left join called on called.publication = publication.id and called.person = :me
    and called.gone = 0
where publication.subject = 'call_sheet' and publication.superseded = 0 and publication.gone = 0
    and publication.date >= :today
order by publication.date, publication.id;

-- publication?: the publication this page shows
select publication.*, person.name as made_by_name, before.colour as before_colour
from publication left join person on person.id = publication.made_by
left join revision_colour before on before.revision = publication.revision - 1
where publication.id = :publication and publication.subject = 'call_sheet'
     and publication.gone = 0;

-- next_revision: the number and colour the next publication of this day gets
select * from next_revision where shoot_day = :day;

-- callings*: everybody called that day, by department
select due.person, due.name, due.position, due.department, due.category, due.call, due.source,
    due.pickup, due.pickup_place, due.note, due.excused, due.own_call, due.own_time,
    coalesce(due.department, case when due.category = 'cast' then 'Cast' else 'Others' end) as heading
from due left join department on department.name = due.department
where due.shoot_day = :day
order by coalesce(department.rank, 99), due.department nulls last, due.name nulls last, due.person;

-- departments*: each department's call that day, typed or following the general call
select crowd.department, crowd.people, call.id as call, call.time, call.pickup,
    call.pickup_place, call.note, call.excused
from (select department, count(*) as people from due where shoot_day = :day
    and department is not null group by department) crowd
left join call on call.shoot_day = :day and call.person is null and call.gone = 0
    and call.department = crowd.department
left join department on department.name = crowd.department
order by coalesce(department.rank, 99), crowd.department;

-- cast_calls*: the cast of the day with their numbers, characters and where they are in their run
select distinct due.person, due.name, due.call, due.source, due.pickup, due.pickup_place, due.note,
    playing.number, playing.role, length(playing.number) as width,
    case when playing.starts = playing.ends then 'SWF' when playing.starts = shoot_day.date then 'SW'
        when playing.ends = shoot_day.date then 'WF' else 'W' end as status
from playing
join shoot_day on shoot_day.id = playing.shoot_day
join due on due.person = playing.person and due.shoot_day = playing.shoot_day
where playing.shoot_day = :day and due.excused = 0
order by width nulls last, playing.number, due.name nulls last, due.person, role nulls last;

-- advance*: the next shooting days
select next_day.id, next_day.date, next_day.number, next_day.place, next_day.eighths,
    next_day.scenes, next_day.general_call
from planned_day next_day join shoot_day on shoot_day.id = :day
where next_day.date > shoot_day.date order by next_day.date, next_day.id limit 3;

-- advance_strips/shoot_day: what those days shoot, in shooting order
select day_strip.shoot_day, day_strip.number, day_strip.set_name, day_strip.int_ext,
    day_strip.day_night
from day_strip where day_strip.scene is not null and day_strip.shoot_day in (
    select next_day.id from shoot_day next_day where next_day.gone = 0
        and next_day.date > (select shoot_day.date from shoot_day where shoot_day.id = :day)
        order by next_day.date, next_day.id limit 3)
order by day_strip.shoot_day, day_strip.place, day_strip.id;

-- officers*: who signs for the production
select name, position, phone from person
where gone = 0 and category = 'crew' and position in ('Director', 'Producer', 'Line Producer',
    'Unit Production Manager', '1st AD', '1st Assistant Director', 'Production Coordinator')
order by position, name nulls last, id;

-- changes*: what differs from the publication before; a draft has no such thing
select '' as cell, '' as what, '' as was, '' as "now" where 1 = 0;

-- affected*: whom the next publication changes something for, and what they will read
select affected.*, rest.since_wrap,
    case when affected.was_call > affected.call then 1 else 0 end as earlier
from affected
left join rest on rest.shoot_day = affected.shoot_day
where affected.shoot_day = :day and affected.changed = 1
order by earlier desc, affected.call nulls first, affected.name nulls last, affected.person;

-- unaffected: how many stay as they are
select count(*) as people from affected where shoot_day = :day and changed = 0;

-- open_clashes*: what must be settled first
select * from clash where settled is null and gone = 0 order by id;

-- clashes*: what collided, newest first; settled ones go
select clash.*, late.name as late_name, kept.name as kept_name,
    substr(clash.late_at, 12, 5) as late_clock, substr(clash.kept_at, 12, 5) as kept_clock
from clash
left join person late on late.id = clash.late_by
left join person kept on kept.id = clash.kept_by
where clash.settled is null and clash.gone = 0
order by clash.id desc;

-- waiting*: what is kept on this device until it can be sent, and what came back
select waiting.*, substr(at, 12, 5) as clock from waiting order by n;

-- day_publication?: the call sheet of this day that is in force
select publication.*, person.name as made_by_name
from publication left join person on person.id = publication.made_by
where publication.shoot_day = :day and publication.subject = 'call_sheet'
    and publication.superseded = 0 and publication.gone = 0
order by publication.revision desc nulls last, publication.id limit 1;

-- knowing*: everybody called, who does not know yet first: soonest call and earlier-moved first
with everybody as materialized (
    select called.id, called.publication, called.shoot_day, called.person, called.call,
        called.pickup, called.place, called.was_call, called.was_pickup, called.was_place,
        called.changed, called.since, called.department, called.seq,
        person.name, person.position, person.phone
    from called
    join publication on publication.id = called.publication and publication.superseded = 0
        and publication.gone = 0 and publication.shoot_day = called.shoot_day
    join person on person.id = called.person and person.gone = 0
    where called.shoot_day = :day and called.gone = 0
        and (called.call is not null or called.changed = 1)),
taps as (
    select everybody.id, min(case receipt.state when 'confirmed' then receipt.at end) as confirmed_at,
        min(case receipt.state when 'told' then receipt.at end) as told_at,
        min(case receipt.state when 'seen' then receipt.at end) as seen_at,
        max(case when receipt.state <> 'seen' then receipt.publication end) as known_in
    from everybody cross join called same cross join receipt  -- in this order, however long ago
    where same.person = everybody.person and same.since = everybody.since
        and receipt.person = everybody.person and receipt.publication = same.publication
        and receipt.gone = 0
    group by everybody.id),
bells as (
    select everybody.id, max(notice.shown_at) as shown_at, max(notice.sent_at) as sent_at,
        max(notice.failed) as failed,
        max(case when notice.reminder is not null then notice.made_at end) as reminded_at
    from everybody cross join notice
    where notice.publication in (everybody.since, everybody.publication)
        and notice.person = everybody.person and notice.gone = 0
    group by everybody.id),
phones as (
    select everybody.id, count(device.id) as devices, max(device.seen_at) as contact_at,
        max(device.held) as held
    from everybody
    left join device on device.person = everybody.person and device.gone = 0
        and coalesce(device.revoked, 0) = 0
    group by everybody.id),
briefed as (
    select publication, department, min(at) as at, min(by) as by from briefing
    where gone = 0 group by publication, department),
papers as materialized (  -- beside the frozen rows, a colour is a needle in a haystack
    select id, colour from publication where shoot_day = :day),
found as (
    select everybody.*, taps.confirmed_at, coalesce(taps.told_at, briefed.at) as told_at,
        taps.seen_at, taps.known_in, bells.shown_at, bells.sent_at, bells.failed,
        bells.reminded_at, phones.devices, phones.contact_at, phones.held,
        case when taps.told_at is null then briefed.by end as briefed_by,
        case when taps.told_at is not null then (select receipt.id from receipt
            where receipt.person = everybody.person and receipt.state = 'told'
            and receipt.at = taps.told_at and receipt.gone = 0
            order by receipt.id limit 1) end as telling,
        case when phones.held < everybody.seq and taps.known_in is null then (select one.id
            from called one where one.person = everybody.person
            and one.shoot_day = everybody.shoot_day and one.seq <= phones.held and one.gone = 0
            order by one.seq desc, one.id desc limit 1) end as holding
    from everybody
    join phones on phones.id = everybody.id
    left join taps on taps.id = everybody.id
    left join bells on bells.id = everybody.id
    left join briefed on briefed.publication = everybody.publication
        and briefed.department = everybody.department)
select found.publication, found.person, found.name, found.position, found.phone, found.department,
    found.call, found.was_call, found.pickup, found.was_pickup, found.place, found.was_place,
    found.changed, found.since, confirmed_at, told_at, seen_at, shown_at, sent_at, failed,
    reminded_at, contact_at,
    case when found.was_call > found.call then 1 else 0 end as earlier,
    substr(confirmed_at, 12, 5) as confirmed_clock, substr(told_at, 12, 5) as told_clock,
    substr(seen_at, 12, 5) as seen_clock, substr(shown_at, 12, 5) as shown_clock,
    substr(sent_at, 12, 5) as sent_clock, substr(reminded_at, 12, 5) as reminded_clock,
    substr(contact_at, 1, 10) as contact_day, substr(contact_at, 12, 5) as contact_clock,
    case when telling.id is null then 'head' else telling.how end as told_how,
    teller.name as told_by, sure.colour as known_colour,
    case when held.since <> found.since then paper.colour end as held_colour,
    held.call as held_call,
    case when confirmed_at is not null then 'confirmed' when told_at is not null then 'told'
        when seen_at is not null then 'opened'
        when shown_at is not null or found.held >= found.seq or held.since = found.since
            then 'shown'
        when devices = 0 then 'nowhere' when sent_at is not null then 'sent'
        when failed is not null then 'failed' else 'queued' end as state,
    case when confirmed_at is not null or told_at is not null then 1 else 0 end as knows
from found
left join receipt telling on telling.id = found.telling
left join person teller on teller.id = coalesce(telling.by, found.briefed_by)
left join called held on held.id = found.holding
left join papers paper on paper.id = held.publication
left join papers sure on sure.id = found.known_in and sure.id <> found.publication
order by knows, earlier desc, coalesce(found.call, '00:00'), found.name nulls last, found.person;

-- heads*: who leads each department, and may have told all of it
select membership.department, person.id, person.name
from membership join person on person.id = membership.person and person.gone = 0
where membership.role = 'head' and membership.gone = 0
order by membership.department nulls last, person.name nulls last, person.id;

-- reminder?: the last time those who do not know of this call sheet were asked again
select reminder.people, reminder.department, reminder.made_at,
    substr(reminder.made_at, 12, 5) as made_clock, person.name as by_name
from reminder
join publication on publication.id = reminder.publication and publication.superseded = 0
left join person on person.id = reminder.by
where publication.shoot_day = :day and reminder.gone = 0
order by reminder.id desc limit 1;

-- moves*: how the call sheet in force moved calls, and for how many people
select called.was_call, called.call, count(*) as people
from called join publication on publication.id = called.publication
    and publication.shoot_day = called.shoot_day
where called.shoot_day = :day and called.changed = 1 and called.gone = 0
    and called.was_call is distinct from called.call
    and publication.superseded = 0 and publication.gone = 0
group by called.was_call, called.call
order by people desc, called.was_call nulls last, called.call nulls last limit 6;

-- history*: every revision of this day's call sheet
select id, revision, colour, local_time, note from publication
where shoot_day = :day and subject = 'call_sheet' and gone = 0 order by revision desc nulls last, id;

-- calling: one person's call that day, and what it is when nothing is typed
select due.*, call.time as typed_time, call.pickup as typed_pickup,
    call.pickup_place as typed_pickup_place, call.note as typed_note,
    call.excused as typed_excused, shoot_day.general_call
from due
join shoot_day on shoot_day.id = due.shoot_day
left join call on call.id = due.own_call
where due.shoot_day = :day and due.person = :person;

-- notices*: every notice to me, the newest first, and whether I have looked at it
select notice.id, notice.title, notice.body, notice.language, notice.publication, notice.made_at,
    substr(notice.made_at, 1, 10) as made_day, substr(notice.made_at, 12, 5) as made_clock,
    case when exists (select 1 from notice newer where newer.person = notice.person
        and newer.gone = 0 and newer.id > notice.id
        and coalesce(newer.shoot_day, '') = coalesce(notice.shoot_day, '')) then 1 else 0 end as old,
    case when exists (select 1 from receipt where receipt.person = notice.person
        and receipt.publication = notice.publication and receipt.gone = 0) then 1 else 0 end as looked
from notice where notice.person = :me and notice.gone = 0
order by notice.made_at desc nulls last, notice.id desc limit 100;

-- withdrawals*: what was published of this day and taken back
select withdrawal.*, substr(withdrawal.made_at, 12, 5) as made_clock, person.name as made_by_name
from withdrawal left join person on person.id = withdrawal.made_by
where withdrawal.shoot_day = :day and withdrawal.gone = 0
order by withdrawal.made_at desc nulls last, withdrawal.id limit 6;
