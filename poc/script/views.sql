create view draft_in_force as
select draft.* from draft
where draft.gone = 0 and not exists (
    select 1 from draft later where later.gone = 0
        and (coalesce(later.number, -1) > coalesce(draft.number, -1)
            or coalesce(later.number, -1) = coalesce(draft.number, -1) and later.id > draft.id));

create view script_change as
select script_scene.*, draft.before as draft_before, before.id as before,
    before.number as was_number, before.heading as was_heading, before.eighths as was_eighths,
    before.cast_names as was_cast,
    case when draft.before is null then ''
        when before.id is null then 'new'
        when script_scene.omitted = 1 and coalesce(before.omitted, 0) = 0 then 'omitted'
        when coalesce(script_scene.omitted, 0) = 0 and before.omitted = 1 then 'reinstated'
        when script_scene.words is distinct from before.words
            or script_scene.heading is distinct from before.heading
            or script_scene.number is distinct from before.number
            or script_scene.eighths is distinct from before.eighths
            or script_scene.cast_names is distinct from before.cast_names then 'changed'
        when script_scene.moved = 1 then 'moved'
        else '' end as change
from script_scene
join draft on draft.id = script_scene.draft
left join script_scene before on before.draft = draft.before
    and before.scene = script_scene.scene and before.gone = 0
where script_scene.gone = 0;

create view script_holder as
select person.id as person, person.name, person.position, person.department,
    max(draft.number) as number, count(*) as copies
from handout
join draft on draft.id = handout.draft and draft.gone = 0
join person on person.id = handout.person and person.gone = 0
where handout.gone = 0 and handout.returned is null
group by person.id, person.name, person.position, person.department;
