create view revision_colour as
select 0 as revision, 'White' as colour union all select 1, 'Blue' union all select 2, 'Pink'
union all select 3, 'Yellow' union all select 4, 'Green' union all select 5, 'Goldenrod'
union all select 6, 'Buff' union all select 7, 'Salmon' union all select 8, 'Cherry'
union all select 9, 'Tan' union all select 10, 'Grey' union all select 11, 'Ivory'
union all select 12, 'Double White' union all select 13, 'Double Blue'
union all select 14, 'Double Pink' union all select 15, 'Double Yellow'
union all select 16, 'Double Green' union all select 17, 'Double Goldenrod'
union all select 18, 'Double Buff' union all select 19, 'Double Salmon'
union all select 20, 'Double Cherry' union all select 21, 'Double Tan'
union all select 22, 'Double Grey' union all select 23, 'Double Ivory';

create view department as
select 1 as rank, 'Producers' as name union all select 2, 'Director' union all select 3, 'Writers'
union all select 4, 'Production' union all select 5, 'Accounting'
union all select 6, 'Assistant Directors' union all select 7, 'Casting'
union all select 8, 'Script' union all select 9, 'Camera' union all select 10, 'Sound'
union all select 11, 'Electric' union all select 12, 'Grip' union all select 13, 'Rigging'
union all select 14, 'Art' union all select 15, 'Set Decoration' union all select 16, 'Property'
union all select 17, 'Construction' union all select 18, 'Costume' union all select 19, 'Hair'
union all select 20, 'Make-up' union all select 21, 'Special Effects'
union all select 22, 'Stunts' union all select 23, 'Visual Effects'
union all select 24, 'Locations' union all select 25, 'Transport' union all select 26, 'Catering'
union all select 27, 'Craft Service' union all select 28, 'Medic and Safety'
union all select 29, 'Security' union all select 30, 'Animals' union all select 31, 'Minors'
union all select 32, 'Playback' union all select 33, 'Publicity' union all select 34, 'Legal'
union all select 35, 'Post' union all select 36, 'Studio' union all select 37, 'Vendors'
union all select 38, 'Cast';

create view day_strip as
select strip.id, strip.place, strip.banner, strip.sort, strip.scene,
    substr(strip.place, 1, 36) as shoot_day,
    scene.number, scene.int_ext, scene.set_name, scene.day_night, scene.script_day,
    scene.synopsis, scene.eighths, scene.script_order,
    coalesce(strip.minutes, scene.minutes) as minutes,
    location.name as location_name,
    case when strip.scene is null then 'banner'
        when upper(scene.day_night) like '%DAWN%' or upper(scene.day_night) like '%SUNRISE%'
        then 'dawn'
        when upper(scene.day_night) like '%DUSK%' or upper(scene.day_night) like '%SUNSET%'
            or upper(scene.day_night) like '%MAGIC%' then 'dusk'
        when upper(scene.day_night) like '%NIGHT%' or upper(scene.day_night) = 'N'
        then case when upper(scene.int_ext) like 'E%' then 'ext-night' else 'int-night' end
        when upper(scene.int_ext) like '%E%' then 'ext-day' else 'int-day' end as tint
from strip
left join scene on scene.id = strip.scene and scene.gone = 0
left join location on location.id = scene.location and location.gone = 0
where strip.gone = 0;

create view day_total as
select substr(strip.place, 1, 36) as shoot_day,
    cast(coalesce(sum(scene.eighths), 0) as integer) as eighths,
    cast(coalesce(sum(coalesce(strip.minutes, scene.minutes)), 0) as integer) as strip_minutes,
    count(strip.scene) as scenes
from strip left join scene on scene.id = strip.scene and scene.gone = 0
where strip.gone = 0
group by substr(strip.place, 1, 36);

create view day_serial as
select id, date, unit, cancelled, clocks, call_minutes, wrap_minutes,
    serial_day + (153 * (serial_month + 12 * early - 3) + 2) / 5 + 365 * (serial_year + 4800 - early)
        + (serial_year + 4800 - early) / 4 - (serial_year + 4800 - early) / 100
        + (serial_year + 4800 - early) / 400 - 32045 as serial
from (
    select id, date, unit, cancelled, clocks,
        cast(substr(date, 1, 4) as integer) as serial_year,
        cast(substr(date, 6, 2) as integer) as serial_month,
        cast(substr(date, 9, 2) as integer) as serial_day,
        (14 - cast(substr(date, 6, 2) as integer)) / 12 as early,
        cast(substr(general_call, 1, 2) as integer) * 60
            + cast(substr(general_call, 4, 2) as integer) as call_minutes,
        cast(substr(wrap, 1, 2) as integer) * 60 + cast(substr(wrap, 4, 2) as integer)
            + case when wrap < general_call then 1440 else 0 end as wrap_minutes
    from shoot_day where gone = 0 and date is not null
) dated;

create view planned_day as
select shoot_day.*, location.name as place, location.address, unit.name as unit_name,
    coalesce(day_total.eighths, 0) as eighths,
    coalesce(day_total.strip_minutes, 0) as strip_minutes, coalesce(day_total.scenes, 0) as scenes,
    (select count(*) from shoot_day other where other.gone = 0) as days_in_all
from shoot_day
left join day_total on day_total.shoot_day = shoot_day.id
left join location on location.id = shoot_day.location and location.gone = 0
left join unit on unit.id = shoot_day.unit and unit.gone = 0
where shoot_day.gone = 0;

create view rest as
select today.id as shoot_day, yesterday.id as day_before, today.call_minutes,
    (today.serial - yesterday.serial) * 1440 - yesterday.wrap_minutes
        - case when yesterday.wrap_minutes < 1560 then coalesce(today.clocks, 0) else 0 end as since_wrap
from day_serial today
join day_serial yesterday on yesterday.id = (
    select before.id from shoot_day before where before.gone = 0 and before.date < today.date
    and coalesce(before.cancelled, 0) = 0 order by before.date desc, before.id limit 1)
where coalesce(today.cancelled, 0) = 0;

create view day_finding as
select shoot_day.id as shoot_day, 'general call' as about, 'No general call yet.' as say,
    cast(null as integer) as minutes
from shoot_day join day_total on day_total.shoot_day = shoot_day.id
where shoot_day.general_call is null and shoot_day.gone = 0 and day_total.scenes > 0
    and coalesce(shoot_day.cancelled, 0) = 0
union all
select shoot_day.id, 'location', 'No location yet.', null
from shoot_day join day_total on day_total.shoot_day = shoot_day.id
left join location on location.id = shoot_day.location and location.gone = 0
where location.name is null and shoot_day.gone = 0 and day_total.scenes > 0
union all
select shoot_day.id, 'hospital', 'No nearest hospital for ' || location.name || '.', null
from shoot_day join location on location.id = shoot_day.location and location.gone = 0
where location.hospital is null and shoot_day.gone = 0
union all
select rest.shoot_day, 'rest', 'Rest since the wrap of the day before is short:',
    rest.since_wrap + rest.call_minutes
from rest join production on production.id = 'production'
where rest.since_wrap + rest.call_minutes < production.rest_minutes;

create view hanging as
select attachment.id, attachment.subject, attachment.about, attachment.name, attachment.type,
    attachment.sha256, attachment.made_by, attachment.made_at, attachment.arrived_at,
    person.name as made_by_name, substr(attachment.made_at, 12, 5) as clock
from attachment left join person on person.id = attachment.made_by and person.gone = 0
where attachment.gone = 0;

create view record_label as
select 'scene' as kind, id, 'Sc ' || coalesce(number, '?') as label from scene
union all
select 'shoot_day', id, 'Day ' || coalesce(cast(number as text), '?') from shoot_day
union all
select 'location', id, coalesce(name, 'Location') from location
union all
select 'production', id, coalesce(title, 'Production') from production
union all
select 'element', id, coalesce(name, 'Element') from element
union all
select 'draft', id, coalesce(colour || ' draft', 'Draft') from draft
union all
select 'unit', id, coalesce(name, 'Unit') from unit
union all
select 'attachment', id, coalesce(name, 'Photo or PDF') from attachment
union all
select 'person', id, coalesce(name, 'Person') from person
union all
select 'membership', membership.id, 'Role of ' || coalesce(person.name, 'somebody')
from membership left join person on person.id = membership.person
union all
select 'particulars', particulars.id, 'Private details of ' || coalesce(person.name, 'somebody')
from particulars left join person on person.id = particulars.person
union all
select 'preference', preference.id, 'Notices to ' || coalesce(person.name, 'somebody')
from preference left join person on person.id = preference.person
union all
select 'withdrawal', id, coalesce(colour || ' taken back', 'Taken back') from withdrawal
union all
select 'strip', strip.id, coalesce('Sc ' || scene.number, strip.banner, 'Strip')
from strip left join scene on scene.id = strip.scene
union all
select 'call', call.id, 'Call of ' || coalesce(person.name, call.department, 'somebody')
    || coalesce(', day ' || cast(shoot_day.number as text), '')
from call left join person on person.id = call.person
left join shoot_day on shoot_day.id = call.shoot_day;
