-- choice: what is to change on this day, as far as it is chosen
select asked.*, coalesce(person.name, location.name, asked.who) as name, person.position,
    case asked.what when 'general' then planned_day.general_call
        when 'person' then (select due.call from due where due.shoot_day = asked.day
            and due.person = asked.who and due.excused = 0)
        when 'department' then coalesce((select call.time from call where call.shoot_day = asked.day
            and call.person is null and call.department = asked.who and call.gone = 0),
            planned_day.general_call) end as call
from (select cast(:day as text) as day, coalesce(cast(:what as text), 'general') as what,
        cast(:who as text) as who, cast(:minutes as text) as minutes, cast(:time as text) as time,
        cast(:typed as text) as typed, cast(:strips as text) as strips,
        coalesce(cast(:onto as text), 'boneyard') as onto, cast(:fetch as text) as fetched) asked
join planned_day on planned_day.id = asked.day
left join person on person.id = asked.who and person.gone = 0
left join location on location.id = asked.who and location.gone = 0;

-- edits*: what would be written, each with what it was; a time that leaves its day has no value
with asked as (
    select cast(:day as text) as day, coalesce(cast(:what as text), 'general') as what,
        cast(:who as text) as who, cast(:typed as text) as typed,
        ' ' || coalesce(cast(:strips as text), '') || ' ' as strips,
        coalesce(cast(:onto as text), 'boneyard') as onto,
        ' ' || coalesce(cast(:fetch as text), '') || ' ' as fetched),
chosen as (
    select asked.*, shoot_day.general_call as call
    from asked join shoot_day on shoot_day.id = asked.day and asked.what = 'general'
    union all
    select asked.*, due.call from asked
    join due on due.shoot_day = asked.day and due.person = asked.who and due.excused = 0
        and asked.what = 'person'
    union all
    select asked.*, coalesce(call.time, shoot_day.general_call) from asked
    join shoot_day on shoot_day.id = asked.day and asked.what = 'department'
    left join call on call.shoot_day = asked.day and call.person is null and call.gone = 0
        and call.department = asked.who),
step as (
    select chosen.*, coalesce(cast(substr(cast(:time as text), 1, 2) as integer) * 60
        + cast(substr(cast(:time as text), 4, 2) as integer)
        - cast(substr(call, 1, 2) as integer) * 60 - cast(substr(call, 4, 2) as integer),
        cast(:minutes as integer), 0) as minutes
    from chosen where call is not null),
moving as (
    select 'shoot_day' as kind, step.day as record, day_time.field, day_time.rank, day_time.label,
        day_time.time as was
    from step join day_time on day_time.shoot_day = step.day
    where step.what = 'general'
    union all
    select 'call', typed_call.id, 'time', 7, typed_call.name, typed_call.time
    from step join typed_call on typed_call.shoot_day = step.day
    where typed_call.time is not null and step.typed = 'too' and (step.what = 'general'
        or step.what = 'department' and typed_call.department = step.who
            and typed_call.person is not null)
    union all
    select 'call', typed_call.id, 'pickup', 8, typed_call.name, typed_call.pickup
    from step join typed_call on typed_call.shoot_day = step.day
    where typed_call.pickup is not null and (step.what = 'general'
            and (typed_call.follows = 1 or step.typed = 'too')
        or step.what = 'department' and typed_call.department = step.who
            and (typed_call.person is null or typed_call.time is null or step.typed = 'too'))
    union all
    select 'call', step.day || '.' || step.who, 'time', 6, step.who, step.call
    from step where step.what = 'department'
    union all
    select 'call', step.day || '.' || step.who, 'time', 6, due.name, due.call
    from step join due on due.shoot_day = step.day and due.person = step.who
    where step.what = 'person'
    union all
    select 'call', step.day || '.' || step.who, 'pickup', 8, due.name, due.pickup
    from step join due on due.shoot_day = step.day and due.person = step.who
    where step.what = 'person' and due.pickup is not null),
moved as (
    select moving.*, cast(substr(moving.was, 1, 2) as integer) * 60
        + cast(substr(moving.was, 4, 2) as integer) + step.minutes as minutes
    from moving join step on step.minutes <> 0),
ends as (
    select planned_day.id, 'Day ' || coalesce(cast(planned_day.number as text), '?') as name,
        coalesce(max(strip.place), planned_day.id || ' ') as place
    from planned_day left join strip on strip.gone = 0
        and substr(strip.place, 1, 36) = planned_day.id
    group by planned_day.id, planned_day.number
    union all
    select 'boneyard', 'the boneyard', 'boneyard '),
going as (
    select day_strip.id, coalesce('Sc ' || day_strip.number, day_strip.banner) as label,
        day_strip.place, day_strip.shoot_day, asked.onto
    from asked join day_strip on day_strip.shoot_day = asked.day
        and asked.strips like '% ' || day_strip.id || ' %' and asked.what = 'scenes'
        and asked.onto <> asked.day
    union all
    select day_strip.id, coalesce('Sc ' || day_strip.number, day_strip.banner), day_strip.place,
        day_strip.shoot_day, asked.day
    from asked join day_strip on day_strip.shoot_day <> asked.day
        and asked.fetched like '% ' || day_strip.id || ' %' and asked.what = 'scenes')
select kind, record, field, rank, label, was,
    case when minutes >= 0 and minutes < 2160 then substr(cast(100 + minutes / 60 as text), 2)
        || ':' || substr(cast(100 + minutes - minutes / 60 * 60 as text), 2) end as value,
    cast(null as text) as now
from moved
union all
select 'call', step.day || '.' || step.who, whose.field, 0, null, null,
    case whose.field when 'shoot_day' then step.day else step.who end, null
from step join (select 'shoot_day' as field, 'person department' as what
    union all select 'person', 'person' union all select 'department', 'department') whose
    on whose.what like '%' || step.what || '%'
where step.minutes <> 0
union all
select 'shoot_day', asked.day, 'location', 1, 'Location', planned_day.place, location.id,
    location.name
from asked join planned_day on planned_day.id = asked.day
join location on location.id = asked.who and location.gone = 0
where asked.what = 'place' and location.id is distinct from planned_day.location
union all
select 'strip', going.id, 'place', 1, going.label, coalesce(origin.name, 'the boneyard'),
    ends.place || 'm' || substr(cast(100 + row_number() over (
        partition by going.onto order by going.place, going.id) as text), 2), ends.name
from going join ends on ends.id = going.onto
left join ends origin on origin.id = going.shoot_day
union all
select 'shoot_day', asked.day, 'cancelled', 1, 'The day', null,
    case asked.what when 'cancel' then '1' else '' end,
    case asked.what when 'cancel' then 'cancelled' else 'on again' end
from asked join shoot_day on shoot_day.id = asked.day
where asked.what = 'cancel' and coalesce(shoot_day.cancelled, 0) = 0
    or asked.what = 'restore' and shoot_day.cancelled = 1
order by rank, label nulls first, record, field;

-- apart*: typed calls that would stay where they are, unless they are asked to move too
select typed_call.id, typed_call.name, typed_call.time, typed_call.pickup
from typed_call
where typed_call.shoot_day = :day and typed_call.time is not null
    and (coalesce(cast(:what as text), 'general') = 'general'
        or cast(:what as text) = 'department' and typed_call.department = :who
            and typed_call.person is not null)
order by typed_call.name, typed_call.id;

-- people_due*: who may be chosen
select person, name, position, department, call, pickup from due
where shoot_day = :day and excused = 0 and call is not null
    and cast(:what as text) = 'person' and cast(:who as text) is null
order by name nulls last, person;

-- departments_due*: which departments may be chosen
select department, count(*) as people, min(coalesce(department_time, general_call)) as call
from (select due.department, due.department_time, shoot_day.general_call
    from due join shoot_day on shoot_day.id = due.shoot_day
    where due.shoot_day = :day and due.excused = 0 and due.department is not null
        and cast(:what as text) = 'department' and cast(:who as text) is null) crowd
group by department order by department;

-- strips_elsewhere*: scenes that could be shot on this day instead
select day_strip.id, day_strip.number, day_strip.set_name, day_strip.int_ext, day_strip.day_night,
    day_strip.eighths, planned_day.number as day_number, planned_day.date
from day_strip left join planned_day on planned_day.id = day_strip.shoot_day
where day_strip.shoot_day <> :day and day_strip.scene is not null
    and cast(:what as text) = 'scenes'
    and (planned_day.id is null or planned_day.date > (select date from shoot_day where id = :day))
order by planned_day.date nulls first, day_strip.place, day_strip.id;

-- waiting_out*: call sheets of this day that wait on this device to be published
select id, note from publication
where shoot_day = :day and subject = 'call_sheet' and revision is null and gone = 0 order by id;

-- drafted: how many people the draft would already tell something, before this change
select count(*) as people from affected where shoot_day = :day and changed = 1;

-- short_rests*: whose rest since their last wrap would be shorter than the production's rule
select turnaround.*, production.rest_minutes - turnaround.minutes as short,
    case when known.call = turnaround.call
        and known.pickup is not distinct from turnaround.pickup then 1 else 0 end as as_before
from turnaround
join production on production.id = 'production'
left join current_called known on known.shoot_day = turnaround.shoot_day
    and known.person = turnaround.person
where turnaround.shoot_day = :day and turnaround.minutes < production.rest_minutes
order by as_before, turnaround.minutes, turnaround.name nulls last, turnaround.person;

-- rest_after?: the rest before the next shooting day, if it would be too short
select day_finding.minutes, next_day.number, next_day.date
from shoot_day
join planned_day next_day on next_day.id = (select later.id from shoot_day later
    where later.gone = 0 and later.date > shoot_day.date and coalesce(later.cancelled, 0) = 0
    order by later.date, later.id limit 1)
join day_finding on day_finding.shoot_day = next_day.id and day_finding.about = 'rest'
where shoot_day.id = :day;
