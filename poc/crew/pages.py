"""The pages of the people, one a line."""

from poc.area import Area, page

area = Area(
    "poc.crew",
    page(
        "/people",
        "crew/people.html",
        "people",
        label="People",
        icon="users",
        group="People",
        tab=True,
    ),
    page("/people/new", "crew/new.html", "department_names", kinds=("invite",)),
    page(
        "/people/<person>",
        "crew/person.html",
        "person",
        "particulars",
        "calendar.their_calendar",
    ),
    page("/people/<person>/card.vcf", "crew/card.vcf", "person"),
    page(
        "/people/<person>/edit",
        "crew/edit.html",
        "person",
        "particulars",
        "membership",
        "department_names",
        kinds=("invite",),
    ),
    page(
        "/phones",
        "crew/phones.html",
        "devices",
        "invites",
        "uninvited",
        "unreached",
        label="Phones and invites",
        icon="smartphone",
        group="People",
    ),
    page(
        "/more",
        "crew/more.html",
        "my_devices",
        "wishes",
        "calendar.my_calendar",
        label="More",
        icon="ellipsis",
        tab=True,
    ),
)
