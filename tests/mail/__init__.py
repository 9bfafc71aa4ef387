"""The mail, tried against a real mail server and against peers that fail as they do."""
