-- production: the film this is about
select * from production where id = 'production';

-- me: the person who is looking
select person.id, person.name, person.position, person.department, membership.role
from person left join membership on membership.person = person.id and membership.gone = 0
where person.id = :me and person.gone = 0
order by membership.id limit 1;

-- unseen: how many notices to me wait to be looked at
select count(*) as notices from unseen_notice where person = :me;
