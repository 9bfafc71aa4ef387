-- drafts*: every draft, the newest first, with how long it is
select draft.id, draft.title, draft.colour, draft.date, draft.number,
    draft_in_force.id as in_force, coalesce(told.scenes, 0) as scenes,
    coalesce(told.eighths, 0) as eighths, coalesce(told.estimated, 0) as estimated
from draft
left join draft_in_force on draft_in_force.id = draft.id
left join (select draft, count(*) as scenes, cast(sum(eighths) as integer) as eighths,
    cast(sum(estimated) as integer) as estimated
    from script_scene where gone = 0 group by draft) told on told.draft = draft.id
where draft.gone = 0
order by draft.number desc nulls last, draft.id;

-- scenes*: the scenes of the draft in force, and what the schedule says of each
select script_change.*, scene.eighths as board_eighths
from script_change
join draft_in_force on draft_in_force.id = script_change.draft
left join scene on scene.id = script_change.scene and scene.gone = 0
order by script_change.script_order nulls last, script_change.id;

-- draft: the draft this page is about, and the one before it
select draft.*, before.colour as before_colour, before.date as before_date,
    (select cast(coalesce(sum(eighths), 0) as integer) from script_scene
        where script_scene.draft = draft.id and script_scene.gone = 0) as eighths,
    (select cast(coalesce(sum(eighths), 0) as integer) from script_scene
        where script_scene.draft = draft.before and script_scene.gone = 0) as was_eighths
from draft left join draft before on before.id = draft.before and before.gone = 0
where draft.id = :draft and draft.gone = 0;

-- draft_scenes*: its scenes, with what it changed of each
select * from script_change where draft = :draft order by script_order nulls last, id;

-- dropped*: scenes of the draft before that it does not have, not even as omitted
select before.id, before.number, before.heading, before.eighths, before.cast_names
from draft
join script_scene before on before.draft = draft.before and before.gone = 0
where draft.id = :draft and draft.gone = 0 and not exists (
    select 1 from script_scene here where here.draft = draft.id and here.scene = before.scene
        and here.gone = 0)
order by before.script_order nulls last, before.id;

-- scene: the scene this page is about, with its words while they are in force
select script_change.*, draft.colour, draft.date, script_text.id as has_words, script_text.text,
    script_text.changed, script_text.notes
from script_change
join draft on draft.id = script_change.draft and draft.gone = 0
left join script_text on script_text.id = script_change.words and script_text.gone = 0
    and script_text.superseded = 0
where script_change.id = :script_scene;

-- scene_before?: the scene above it in the draft
select other.id, other.number from script_scene other
join script_scene mine on mine.id = :script_scene and mine.draft = other.draft
where other.gone = 0 and other.script_order < mine.script_order
order by other.script_order desc, other.id desc limit 1;

-- scene_after?: the scene below it in the draft
select other.id, other.number from script_scene other
join script_scene mine on mine.id = :script_scene and mine.draft = other.draft
where other.gone = 0 and other.script_order > mine.script_order
order by other.script_order, other.id limit 1;

-- days*: the shooting days to come that have scenes
select id, date, number, place, scenes, eighths from planned_day
where scenes > 0 and (date is null or date >= :today)
order by date nulls last, number nulls last, id;

-- in_force?: the draft in force
select * from draft_in_force order by id limit 1;

-- sides*: the scenes of a day in shooting order, with their words
select day_strip.id, day_strip.number, day_strip.int_ext, day_strip.set_name,
    day_strip.day_night, day_strip.eighths, told.script_scene, told.heading, told.omitted,
    told.text
from day_strip
left join (select script_scene.id as script_scene, script_scene.scene, script_scene.heading,
    script_scene.omitted, script_text.text
    from script_scene join draft_in_force on draft_in_force.id = script_scene.draft
    left join script_text on script_text.id = script_scene.words and script_text.gone = 0
        and script_text.superseded = 0
    where script_scene.gone = 0) told on told.scene = day_strip.scene
where day_strip.shoot_day = :day and day_strip.scene is not null
order by day_strip.place, day_strip.id, told.script_scene;

-- handouts*: who was given this draft, and who gave it back
select handout.id, handout.channel, handout.copy_number, handout.given, handout.returned,
    person.name, person.department
from handout left join person on person.id = handout.person and person.gone = 0
where handout.draft = :draft and handout.gone = 0
order by case when handout.returned is null then 0 else 1 end, person.name nulls last, handout.id;

-- everybody*: everybody who may be given a draft
select id, name, department from person where gone = 0 order by name nulls last, id;

-- holders*: everybody who holds a draft, those with an older one first
select script_holder.person, script_holder.name, script_holder.position, script_holder.department,
    script_holder.copies, draft.colour, draft.date,
    case when draft_in_force.id is null then 1 else 0 end as older
from script_holder
left join draft on draft.number = script_holder.number and draft.gone = 0
left join draft_in_force on draft_in_force.id = draft.id
order by older desc, script_holder.name nulls last, script_holder.person, draft.id;
