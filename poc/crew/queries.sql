-- people*: everybody on the contact list, by department
select listed.*
from (select person.id, person.name, person.position, person.department, person.category,
        person.phone, person.email, person.company,
        coalesce(person.department, case when person.category = 'cast' then 'Cast'
            else 'Other contacts' end) as heading
    from person where person.gone = 0) listed
left join department on department.name = listed.heading
order by coalesce(department.rank, 99), listed.heading, listed.name nulls last, listed.id;

-- person: the person this page is about
select * from person where id = :person and gone = 0;

-- department_names*: the departments of a film, in the order of a crew list
select name from department order by rank;

-- particulars?: what only the office and the person may know
select * from particulars where person = :person and gone = 0 order by id limit 1;

-- membership?: what the person may do here
select * from membership where person = :person and gone = 0 order by id limit 1;

-- devices*: every phone and browser that was let in
select device.*, substr(device.seen_at, 1, 10) as seen_day,
    substr(device.seen_at, 12, 5) as seen_clock, person.name as person_name, membership.role
from device
left join person on person.id = device.person
left join membership on membership.person = device.person and membership.gone = 0
where device.gone = 0
order by coalesce(device.revoked, 0), coalesce(device.seen_at, '') desc, device.id;

-- invites*: who was asked in and has not come yet
select invite.*, substr(invite.expires_at, 1, 10) as expires_day,
    substr(invite.expires_at, 12, 5) as expires_clock, person.name as person_name, membership.role
from invite
left join person on person.id = invite.person
left join membership on membership.person = invite.person and membership.gone = 0
where invite.gone = 0 and coalesce(invite.cancelled, 0) = 0
order by case when invite.used_at is null then 0 else 1 end, invite.id desc;

-- uninvited*: people without a phone of theirs in the production
select person.id, person.name, person.position, person.department,
    case when exists (select 1 from invite where invite.person = person.id and invite.gone = 0
        and coalesce(invite.cancelled, 0) = 0 and invite.used_at is null)
        then 1 else 0 end as invited
from person
where person.gone = 0 and person.category in ('crew', 'cast')
    and not exists (select 1 from device where device.person = person.id and device.gone = 0
        and coalesce(device.revoked, 0) = 0)
order by invited, person.name nulls last, person.id;

-- unreached: how many of crew and cast have a phone here, and none that shows notices
select count(*) as people from person
where person.gone = 0 and person.category in ('crew', 'cast')
    and exists (select 1 from device where device.person = person.id and device.gone = 0
        and coalesce(device.revoked, 0) = 0)
    and not exists (select 1 from device where device.person = person.id and device.gone = 0
        and coalesce(device.revoked, 0) = 0 and device.notices = 'on');

-- my_devices*: my own phones and browsers
select device.*, substr(seen_at, 1, 10) as seen_day, substr(seen_at, 12, 5) as seen_clock from device
where person = :me and gone = 0 and coalesce(revoked, 0) = 0
order by coalesce(seen_at, '') desc, id;

-- wishes: how I want to be told of what changes for me
select coalesce(preference.id, person.id || '.preference') as id,
    coalesce(preference.language, person.language) as language,
    preference.quiet_from, preference.quiet_until, preference.discreet
from person
left join preference on preference.person = person.id and preference.gone = 0
where person.id = :me order by preference.id limit 1;
