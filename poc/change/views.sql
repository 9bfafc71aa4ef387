create view day_time as
select id as shoot_day, 1 as rank, 'breakfast' as field, 'Breakfast' as label, breakfast as time
from shoot_day where breakfast is not null and gone = 0
union all
select id, 2, 'general_call', 'General call', general_call
from shoot_day where general_call is not null and gone = 0
union all
select id, 3, 'shooting_call', 'Shooting call', shooting_call
from shoot_day where shooting_call is not null and gone = 0
union all
select id, 4, 'lunch', 'Lunch', lunch from shoot_day where lunch is not null and gone = 0
union all
select id, 5, 'wrap', 'Est. wrap', wrap from shoot_day where wrap is not null and gone = 0;

create view typed_call as
select due.own_call as id, due.shoot_day, due.person, due.department, due.name, due.own_time as time,
    call.pickup, case when due.source = 'general' then 1 else 0 end as follows
from due join call on call.id = due.own_call
where due.excused = 0
union all
select id, shoot_day, null, department, department, time, pickup,
    case when time is null then 1 else 0 end
from call
where person is null and department is not null and gone = 0 and coalesce(excused, 0) = 0;

create view turnaround as
select due.shoot_day, due.person, due.name, due.position, due.department, due.category, due.call,
    due.pickup, due.source, before.date as worked, before.wrap,
    (here.serial - there.serial) * 1440
        + cast(substr(due.starts, 1, 2) as integer) * 60 + cast(substr(due.starts, 4, 2) as integer)
        - cast(substr(before.wrap, 1, 2) as integer) * 60 - cast(substr(before.wrap, 4, 2) as integer)
        - case when before.wrap < before.call then 1440 else 0 end
        - case when before.wrap < '02:00' or before.wrap >= before.call and before.wrap < '26:00'
            then coalesce(here.clocks, 0) else 0 end as minutes
from (select due.*, case when pickup < call then pickup else call end as starts from due) due
join day_serial here on here.id = due.shoot_day
join current_called before on before.id = (
    select last.id from current_called last where last.person = due.person
    and last.date < here.date and last.call is not null and last.wrap is not null
    order by last.date desc, last.id limit 1)
join day_serial there on there.id = before.shoot_day
where due.excused = 0 and due.call is not null;
