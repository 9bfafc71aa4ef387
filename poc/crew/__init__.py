"""The people: contacts, roles, and the phones they carry it all on."""
