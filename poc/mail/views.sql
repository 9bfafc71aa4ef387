create view standing_letter as
select letter.*, current_called.shoot_day, current_called.call, current_called.was_call,
    current_called.publication as sheet, current_called.department,
    case when exists (select 1 from called same
        join receipt on receipt.publication = same.publication and receipt.person = same.person
            and receipt.gone = 0
        where same.person = letter.person and same.since = letter.publication)
        then 1 else 0 end as known
from letter
join current_called on current_called.since = letter.publication
    and current_called.person = letter.person
where letter.gone = 0;
