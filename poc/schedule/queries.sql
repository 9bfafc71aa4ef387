-- days*: every shooting day with its totals and what was last published of it
select planned_day.id, planned_day.date, planned_day.number, planned_day.general_call,
    planned_day.wrap, planned_day.cancelled, planned_day.place, planned_day.unit_name,
    planned_day.eighths,
    planned_day.strip_minutes, planned_day.scenes, planned_day.days_in_all,
    publication.id as publication, publication.colour, publication.local_time
from planned_day
left join publication on publication.shoot_day = planned_day.id and publication.gone = 0
    and publication.subject = 'call_sheet' and publication.superseded = 0
order by planned_day.date nulls last, planned_day.number nulls last, planned_day.id;

-- strips/shoot_day: the strips of every day, in shooting order
select * from day_strip where shoot_day not like 'boneyard%' order by place, id;

-- boneyard*: strips that have no day
select * from day_strip where shoot_day like 'boneyard%' order by script_order nulls last, place, id;

-- cast/scene: who is in each scene, by cast number
select appearance.scene, element.number, element.name, element.person
from appearance join element on element.id = appearance.element and element.gone = 0
where appearance.gone = 0 and appearance.scene is not null
    and element.category = 'Cast Members'
order by appearance.scene, length(element.number) nulls last, element.number,
    element.name nulls last, element.id;

-- findings/shoot_day: what is wrong with each day
select shoot_day, about, say, cast(minutes as integer) as minutes from day_finding
order by shoot_day, about;

-- totals: the whole board in one line
select count(*) as strips, (select count(*) from shoot_day where gone = 0) as days,
    cast(coalesce(sum(eighths), 0) as integer) as eighths
from day_strip where scene is not null;

-- schedule_publication?: the schedule as it was last published
select publication.*, person.name as made_by_name
from publication left join person on person.id = publication.made_by
where publication.subject = 'schedule' and publication.superseded = 0 and publication.gone = 0
order by publication.revision desc nulls last, publication.id limit 1;

-- day: the shooting day this page is about
select * from planned_day where id = :day;

-- day_strips*: its strips, in shooting order
select * from day_strip where shoot_day = :day order by place, id;

-- day_cast/scene: who is in its scenes, by cast number
select appearance.scene, element.number, element.name
from day_strip join appearance on appearance.scene = day_strip.scene and appearance.gone = 0
join element on element.id = appearance.element and element.gone = 0
where day_strip.shoot_day = :day and element.category = 'Cast Members'
order by appearance.scene, length(element.number) nulls last, element.number,
    element.name nulls last, element.id;

-- day_needs*: everything else its scenes need, by category
select distinct element.category, element.name
from day_strip join appearance on appearance.scene = day_strip.scene and appearance.gone = 0
join element on element.id = appearance.element and element.gone = 0
where day_strip.shoot_day = :day and element.category <> 'Cast Members'
order by element.category, element.name nulls last;

-- day_location?: where it is shot, with the nearest hospital
select location.* from location join shoot_day on shoot_day.location = location.id
where shoot_day.id = :day and location.gone = 0;

-- locations*: every place, with its hospital and how many days are shot there
select location.id, location.name, location.address, location.hospital,
    (select count(*) from shoot_day where shoot_day.location = location.id
        and shoot_day.gone = 0) as days
from location where location.gone = 0 order by location.name nulls last, location.id;

-- location: the place this page is about
select * from location where id = :location and gone = 0;

-- day_findings*: what is wrong with this day
select about, say, cast(minutes as integer) as minutes from day_finding
where shoot_day = :day order by about;

-- strip: the strip this page is about
select day_strip.*, planned_day.number as day_number, planned_day.date,
    strip.minutes as own_minutes
from day_strip join strip on strip.id = day_strip.id
left join planned_day on planned_day.id = day_strip.shoot_day
where day_strip.id = :strip;

-- strip_cast*: who is in its scene, by cast number
select element.number, element.name, person.name as played_by
from day_strip join appearance on appearance.scene = day_strip.scene and appearance.gone = 0
join element on element.id = appearance.element and element.gone = 0
left join person on person.id = element.person and person.gone = 0
where day_strip.id = :strip and element.category = 'Cast Members'
order by length(element.number) nulls last, element.number,
    element.name nulls last, element.id;

-- strip_needs*: everything else its scene needs, by category
select distinct element.category, element.name
from day_strip join appearance on appearance.scene = day_strip.scene and appearance.gone = 0
join element on element.id = appearance.element and element.gone = 0
where day_strip.id = :strip and element.category <> 'Cast Members'
order by element.category, element.name nulls last;

-- strip_before?: the strip above it on the same day
select other.id, other.place, other.number, other.banner
from day_strip other join day_strip mine on mine.id = :strip
where other.shoot_day = mine.shoot_day and (other.place < mine.place
    or other.place = mine.place and other.id < mine.id)
order by other.place desc, other.id desc limit 1;

-- strip_after?: the strip below it on the same day
select other.id, other.place, other.number, other.banner
from day_strip other join day_strip mine on mine.id = :strip
where other.shoot_day = mine.shoot_day and (other.place > mine.place
    or other.place = mine.place and other.id > mine.id)
order by other.place, other.id limit 1;

-- ends*: the place after the last strip of every day
select planned_day.id, planned_day.date, planned_day.number, planned_day.place as location,
    coalesce((select max(strip.place) from strip where strip.gone = 0
        and substr(strip.place, 1, 36) = planned_day.id), planned_day.id || ' ') || 'm' as place
from planned_day
order by planned_day.date nulls last, planned_day.number nulls last, planned_day.id;

-- film: the production as a sheet says it, with its office and its script
select * from production where id = 'production';

-- location_attachments*: photos and PDFs of this place, the oldest first
select * from hanging where subject = 'location' and about = :location order by id;

-- day_attachments*: photos and PDFs of this day, the oldest first
select * from hanging where subject = 'shoot_day' and about = :day order by id;
