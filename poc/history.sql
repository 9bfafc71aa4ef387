-- about?: what the record is called
select label from record_label where kind = :kind and id = :record;

-- named?: what any record is called
select kind, label from record_label where id = :record limit 1;

-- people*: everybody's name, also of those who left
select id, name from person order by id;

-- devices*: what each phone calls itself
select id, name from device order by id;

-- beside*: records that people see on the same page, and that have a history of their own
select record_label.kind, record_label.id, record_label.label
from (select 'call' as kind, id from call where shoot_day = :record
    union all select 'scene', scene from strip where id = :record
    union all select 'membership', id from membership where person = :record
    union all select 'preference', id from preference where person = :record
    union all select 'particulars', id from particulars where person = :record
    union all select 'attachment', id from attachment where about = :record) other
join record_label on record_label.kind = other.kind and record_label.id = other.id
order by record_label.label, record_label.id;

-- removed*: what was removed, the latest first
select ledger.kind, ledger.id, record_label.label
from ledger
left join record_label on record_label.kind = ledger.kind and record_label.id = ledger.id
where ledger.gone = 1
order by ledger.seq desc, ledger.id limit 200;
