create view due as
select shoot_day.id as shoot_day, person.id as person, person.name, person.position,
    person.department, person.category, person.phone, person.email, person.language,
    coalesce(own.time, theirs.time, shoot_day.general_call) as call,
    case when own.time is not null then 'own' when theirs.time is not null then 'department'
        else 'general' end as source,
    coalesce(own.pickup, theirs.pickup) as pickup,
    coalesce(own.pickup_place, theirs.pickup_place) as pickup_place,
    coalesce(own.note, theirs.note) as note,
    case when shoot_day.cancelled = 1 then 1 else coalesce(own.excused, theirs.excused, 0) end
        as excused,
    own.id as own_call, own.time as own_time, theirs.time as department_time,
    location.name as place, location.address, shoot_day.date
from shoot_day
cross join person
left join call own on own.shoot_day = shoot_day.id and own.person = person.id and own.gone = 0
left join call theirs on theirs.shoot_day = shoot_day.id and theirs.person is null
    and theirs.department = person.department and theirs.gone = 0
left join location on location.id = shoot_day.location and location.gone = 0
where shoot_day.gone = 0 and person.gone = 0
    and (person.start is null or person.start <= shoot_day.date)
    and (person.finish is null or person.finish >= shoot_day.date)
    and (person.category = 'crew' or person.category = 'cast' and exists (
        select 1 from element
        join appearance on appearance.element = element.id and appearance.gone = 0
        join strip on strip.scene = appearance.scene and strip.gone = 0
        where element.person = person.id and element.gone = 0
            and substr(strip.place, 1, 36) = shoot_day.id));

create view element_day as
select appearance.element, strip.id as strip, shoot_day.id as shoot_day, shoot_day.date
from appearance
join strip on strip.scene = appearance.scene and strip.gone = 0
join shoot_day on shoot_day.id = substr(strip.place, 1, 36) and shoot_day.gone = 0
where appearance.gone = 0;

create view playing as
select worked.shoot_day, element.id as element, element.person, element.number,
    element.name as role,
    (select min(element_day.date) from element_day where element_day.element = element.id) as starts,
    (select max(element_day.date) from element_day where element_day.element = element.id) as ends
from (select distinct shoot_day, element from element_day) worked
join element on element.id = worked.element and element.gone = 0
where element.person is not null;

create view current_called as
select called.* from called
join publication on publication.id = called.publication
    and publication.shoot_day = called.shoot_day
where called.gone = 0 and publication.gone = 0 and publication.superseded = 0;

create view affected as
select due.shoot_day, due.person, due.name, due.position, due.department, due.language,
    due.call, due.pickup, due.pickup_place, due.place, due.address, due.note, 0 as cancelled,
    before.id as before, before.call as was_call, before.pickup as was_pickup,
    before.pickup_place as was_pickup_place, before.place as was_place, before.since,
    before.date as was_date, case when before.call is null or coalesce(due.note, '') = coalesce(before.note, '') then 0
        else 1 end as noted,
    case when before.id is null then case when due.call is null then 0 else 1 end
        when due.call is distinct from before.call
        or due.pickup is distinct from before.pickup
        or due.pickup_place is distinct from before.pickup_place
        or due.place is distinct from before.place
        or due.date is distinct from before.date then 1 else 0 end as changed
from due
left join current_called before on before.shoot_day = due.shoot_day and before.person = due.person
where due.excused = 0
union all
select before.shoot_day, before.person, person.name, person.position, before.department,
    person.language, null, null, null, null, null, null,
    coalesce((select day.cancelled from shoot_day day where day.id = before.shoot_day), 0),
    before.id, before.call, before.pickup, before.pickup_place, before.place, before.since, before.date, 0,
    case when before.call is null then 0 else 1 end
from current_called before join person on person.id = before.person
where not exists (select 1 from due where due.shoot_day = before.shoot_day
    and due.person = before.person and due.excused = 0);

create view next_revision as
select shoot_day.id as shoot_day, coalesce(before.revision + 1, 0) as revision,
    coalesce(revision_colour.colour,
        'Revision ' || cast(before.revision + 1 as text)) as colour,
    before.id as before, before.colour as before_colour, before.local_time as before_time
from shoot_day
left join publication before on before.shoot_day = shoot_day.id and before.gone = 0
    and before.subject = 'call_sheet' and before.superseded = 0
left join revision_colour on revision_colour.revision = coalesce(before.revision + 1, 0)
where shoot_day.gone = 0;

create view unseen_notice as
select notice.id, notice.person from notice
where notice.gone = 0
    and not exists (select 1 from receipt where receipt.person = notice.person
        and receipt.publication = notice.publication and receipt.gone = 0)
    and not exists (select 1 from notice newer where newer.person = notice.person
        and newer.gone = 0 and newer.id > notice.id
        and coalesce(newer.shoot_day, '') = coalesce(notice.shoot_day, ''));
